import type { TranslationBundle } from '@jupyterlab/translation';
import { caretDownIcon } from '@jupyterlab/ui-components';
import { Signal, type ISignal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';

export interface IPickerItem {
  readonly value: string;
  readonly label: string;
}

const NOTE_MS = 6000;

/** Which version is shown, how large it is, and what went wrong. */
export class Picker extends Widget {
  constructor(trans: TranslationBundle) {
    super();
    this.addClass('jp-DataChainData-picker');
    this._select.setAttribute('aria-label', trans.__('Dataset version'));
    this._select.addEventListener('change', () => {
      this._picked.emit(this._select.value);
    });
    const wrapper = document.createElement('div');
    wrapper.className = 'jp-HTMLSelect jp-DefaultStyle jp-DataChainData-select';
    wrapper.append(this._select, caretDownIcon.element({ tag: 'span' }));
    this._name.className = 'jp-DataChainData-name';
    this._size.className = 'jp-DataChainData-size';
    this._note.className = 'jp-DataChainData-message';
    this._note.setAttribute('role', 'status');
    this._wrapper = wrapper;
    this.node.append(wrapper, this._name, this._size, this._note);
  }

  get picked(): ISignal<this, string> {
    return this._picked;
  }

  /** One version needs no menu, only its name. */
  setItems(items: readonly IPickerItem[], current: string | null): void {
    const single = items.length <= 1;
    this._wrapper.hidden = single;
    this._name.hidden = !single;
    this._name.textContent = items[0]?.label ?? '';
    const shown = JSON.stringify(items);
    if (shown !== this._shown) {
      this._shown = shown;
      this._select.replaceChildren(
        ...items.map(item => new Option(item.label, item.value))
      );
    }
    if (current !== null) {
      this._select.value = current;
    }
  }

  setSize(text: string): void {
    this._size.textContent = text;
  }

  /** `passing` words go away by themselves. */
  say(text: string, passing = false): void {
    if (!passing && this._passing && text === '') {
      return;
    }
    clearTimeout(this._timer);
    this._passing = passing;
    this._note.textContent = text;
    this._note.title = text;
    if (passing) {
      this._timer = window.setTimeout(() => {
        this._passing = false;
        this.say('');
      }, NOTE_MS);
    }
  }

  dispose(): void {
    clearTimeout(this._timer);
    Signal.clearData(this);
    super.dispose();
  }

  private readonly _select = document.createElement('select');
  private readonly _wrapper: HTMLElement;
  private readonly _name = document.createElement('span');
  private readonly _size = document.createElement('span');
  private readonly _note = document.createElement('span');
  private readonly _picked = new Signal<this, string>(this);
  private _shown = '';
  private _passing = false;
  private _timer = 0;
}
