export { openAt } from './cursor';
export { ScriptEditors } from './extension';
export { SCRIPT_CLASS, ScriptEditor } from './scripteditor';
export { runButton, stateChip, stopButton } from './toolbar';
