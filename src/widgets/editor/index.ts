export { openAt } from './cursor';
export { ScriptEditors } from './extension';
export { SCRIPT_CLASS, ScriptEditor } from './scripteditor';
export { resumeButton, runButton, stateChip, stopButton } from './toolbar';
