import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Locator, type Page } from '@playwright/test';

const { JUPYTERLAB_ROOT = '', JUPYTERLAB_TOKEN = '' } = process.env;

interface ILab {
  jupyterapp: {
    restored: Promise<void>;
    hasPlugin(id: string): boolean;
    commands: {
      execute(id: string, args?: Record<string, unknown>): Promise<unknown>;
    };
    // Its public way takes a token, which a page has no hold of.
    pluginRegistry: { _plugins: Map<string, { service: IAdapters }> };
  };
}

interface IAdapters {
  forEach(see: (adapter: { widget: IDocument }) => void): void;
}

interface IDocument {
  context: { path: string };
}

interface ISavedWorkspace {
  data: { 'layout-restorer:data'?: { main?: { current?: string } } };
}

/** A JupyterLab page, in the words of a user of our extension. */
export class Lab {
  constructor(
    readonly page: Page,
    private readonly _workspace: string
  ) {}

  /** A fresh workspace; `reload` comes back to the same one. */
  static async open(page: Page, workspace: string): Promise<Lab> {
    const lab = new Lab(page, workspace);
    await page.goto(
      `/lab/workspaces/${workspace}?reset&token=${JUPYTERLAB_TOKEN}`
    );
    await lab.restored();
    // A fresh workspace opens its launcher late, and that takes the focus.
    await page.locator('.jp-LauncherCard').first().waitFor();
    return lab;
  }

  /** `front` is the name that a saved layout has for the document in front. */
  async reload(front: string | RegExp): Promise<void> {
    // JupyterLab saves its layout a moment after a change.
    await expect.poll(() => this._savedFront()).toMatch(front);
    await this.page.goto(`/lab/workspaces/${this._workspace}`);
    await this.restored();
  }

  async restored(): Promise<void> {
    await this.page.waitForFunction(() => 'jupyterapp' in window);
    await this.page.evaluate(async () => {
      await (window as unknown as ILab).jupyterapp.restored;
    });
  }

  async execute(id: string, args: Record<string, unknown> = {}): Promise<void> {
    await this.page.evaluate(
      async ([id, args]) => {
        await (window as unknown as ILab).jupyterapp.commands.execute(id, args);
      },
      [id, args] as const
    );
  }

  /** Writes a file where JupyterLab shows it, and opens it. */
  async openScript(name: string, text: string): Promise<void> {
    writeFileSync(join(JUPYTERLAB_ROOT, name), text);
    await this.execute('docmanager:open', { path: name });
    await expect(this.editor).toBeVisible();
  }

  async theme(name: string): Promise<void> {
    await this.execute('apputils:change-theme', { theme: name });
    // Named once it is loaded.
    await this.page
      .locator(`body[data-jp-theme-name="${name}"]`)
      .waitFor({ state: 'attached' });
  }

  /** An answer of the server; a POST when there is something to send. */
  async api<T>(path: string, body?: object): Promise<T> {
    const options = { headers: { Authorization: `token ${JUPYTERLAB_TOKEN}` } };
    const url = `/datachain-jobs/api/${path}`;
    const { request } = this.page;
    const answer = await (body
      ? request.post(url, { ...options, data: body })
      : request.get(url, options));
    expect(answer.ok(), await answer.text()).toBe(true);
    return (await answer.json()) as T;
  }

  /** Queues a script as another window would; gives the id of the job. */
  async submit(path: string, text: string, settings: object): Promise<string> {
    const script = { path, text };
    return (await this.api<{ id: string }>('jobs', { script, settings })).id;
  }

  /** Ends every job that waits or runs. */
  async stopAll(): Promise<void> {
    const live = 'jobs?state=QUEUED,INIT,RUNNING,CANCELING';
    const left = async (): Promise<{ id: string }[]> =>
      (await this.api<{ items: { id: string }[] }>(live)).items;
    await expect(async () => {
      for (const { id } of await left()) {
        await this.api(`jobs/${id}/cancel`, { force: true }).catch(() => null);
      }
      expect(await left()).toEqual([]);
    }).toPass();
  }

  /** Gives the side panel a width. */
  async narrow(width: number): Promise<void> {
    const panel = await this.page.locator('#jp-left-stack').boundingBox();
    const edge = panel!.x + panel!.width;
    await this.page.mouse.move(edge + 1, 500);
    await this.page.mouse.down();
    await this.page.mouse.move(panel!.x + width + 1, 500, { steps: 4 });
    await this.page.mouse.up();
  }

  /** The same in a light and, when PICTURES is set, in a dark theme. */
  async pictures(name: string): Promise<void> {
    for (const word of process.env.PICTURES ? ['Dark', 'Light'] : []) {
      await this.theme(`JupyterLab ${word}`);
      await this.screenshot(`${name}-${word.toLowerCase()}`);
    }
    await this.screenshot(`${name}-light`);
  }

  screenshot(name: string): Promise<unknown> {
    return this.page.screenshot({
      path: join(__dirname, 'screenshots', `${name}.png`)
    });
  }

  run(): Promise<void> {
    return this.document
      .getByRole('button', { name: 'Run', exact: true })
      .first()
      .click();
  }

  stop(): Promise<void> {
    return this.document
      .getByRole('button', { name: 'Stop', exact: true })
      .click();
  }

  async state(word: string | RegExp): Promise<void> {
    await expect(this.chip).toHaveText(word, { timeout: 150_000 });
  }

  /** Where the cursor of the editor in front is, as the status bar says. */
  async cursor(place: string | RegExp): Promise<void> {
    await expect(
      this.page.locator('#jp-main-statusbar').getByText(place)
    ).toBeVisible();
  }

  /** The number of the last `line N` that the log shows, or -1. */
  async newestLine(): Promise<number> {
    const text = await this.panel('Logs').textContent();
    const numbers = [...(text ?? '').matchAll(/line (\d+)/g)];
    return Math.max(-1, ...numbers.map(match => Number(match[1])));
  }

  tab(name: string): Locator {
    return this.document.getByRole('tab', { name, exact: true });
  }

  panel(name: string): Locator {
    return this.document.getByRole('tabpanel', { name, exact: true });
  }

  job(name: string): Locator {
    return this.jobs.getByRole('option', { name: new RegExp(`^${name}`) });
  }

  async showJobs(): Promise<void> {
    await this.execute('datachain-jobs:show-jobs');
    await expect(this.jobs).toBeVisible();
  }

  /** The document in front. */
  get document(): Locator {
    return this.page.locator(
      '#jp-main-dock-panel .jp-MainAreaWidget:not(.lm-mod-hidden)'
    );
  }

  get editor(): Locator {
    return this.document.locator('.jp-FileEditor .cm-content');
  }

  get chip(): Locator {
    return this.document.locator(
      '.jp-DataChain-summary .jp-DataChain-stateWord'
    );
  }

  get jobs(): Locator {
    return this.page.getByRole('region', { name: 'DataChain jobs' });
  }

  /** What JupyterLab offers to complete. */
  get completions(): Locator {
    return this.page.locator(
      '.jp-Completer:not(.lm-mod-hidden) .jp-Completer-item'
    );
  }

  /** The documents that JupyterLab would show to a language server. */
  languageServerSees(): Promise<string[]> {
    return this.page.evaluate(() => {
      const { pluginRegistry } = (window as unknown as ILab).jupyterapp;
      const tracker = pluginRegistry._plugins.get(
        '@jupyterlab/lsp-extension:tracker'
      )!.service;
      const paths: string[] = [];
      tracker.forEach(({ widget }) => paths.push(widget.context.path));
      return paths;
    });
  }

  private async _savedFront(): Promise<string> {
    const answer = await this.page.request.get(
      `/lab/api/workspaces/${this._workspace}`,
      { headers: { Authorization: `token ${JUPYTERLAB_TOKEN}` } }
    );
    const { data } = (await answer.json()) as ISavedWorkspace;
    return data['layout-restorer:data']?.main?.current ?? '';
  }
}
