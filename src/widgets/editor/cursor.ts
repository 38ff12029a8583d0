import type { CodeEditor } from '@jupyterlab/codeeditor';
import type { IDocumentManager } from '@jupyterlab/docmanager';

import type { ISourcePosition } from '../../tokens';

/** Puts the cursor on a line of an editor that is open. */
export function moveCursor(
  editor: CodeEditor.IEditor,
  at: Pick<ISourcePosition, 'line' | 'column'>
): void {
  // The file may have become shorter since the run.
  const line = Math.min(Math.max(at.line, 1), editor.lineCount) - 1;
  const text = editor.getLine(line) ?? '';
  const column = at.column ? at.column - 1 : Math.max(text.search(/\S/), 0);
  const position = { line, column: Math.min(column, text.length) };
  editor.setCursorPosition(position);
  editor.revealPosition(position);
  editor.focus();
}

/** Opens a file of the server, or shows it, with the cursor on a line. */
export async function openAt(
  documents: IDocumentManager,
  at: ISourcePosition
): Promise<void> {
  const widget = documents.openOrReveal(at.path, 'Editor');
  if (!widget) {
    return;
  }
  await widget.context.ready;
  await widget.revealed;
  const { editor } = widget.content as unknown as {
    editor?: CodeEditor.IEditor;
  };
  if (editor) {
    moveCursor(editor, at);
  }
}
