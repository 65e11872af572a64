import type { Diagnostic } from "./shapes.ts";

export * from "./shapes.ts";

/**
 * What `import * as vscode` gives in plain Node: a window without a screen. What is asked waits for an answer of `answers`, and
 * without one it is dismissed, as Escape does; what is told, put up or run is kept to be looked at.
 */
export interface Question {
  kind: string;
  text: string;
  detail?: string | undefined;
  choices: string[];
  password?: boolean | undefined;
}

type Answer = [about: RegExp, answer: string];

interface Screen {
  answers: Answer[];
  asked: Question[];
  /** Messages of the status bar. */
  said: string[];
  commands: unknown[][];
  clipboard: string;
  settings: Record<string, unknown>;
  bars: FakeItem[];
  trees: FakeItem[];
  pages: FakeItem[];
  /** Documents that were shown, by their addresses. */
  opened: unknown[];
  /** What files hold, by their paths. */
  texts: Map<string, string>;
  faults: Map<string, Diagnostic[]>;
  progress: { options: Record<string, unknown>; cancel(): void }[];
  boxes: FakeBox[];
}

type FakeItem = Record<string, unknown>;

const blank = (): Screen => ({
  answers: [],
  asked: [],
  said: [],
  commands: [],
  clipboard: "",
  settings: {},
  bars: [],
  trees: [],
  pages: [],
  opened: [],
  texts: new Map(),
  faults: new Map(),
  progress: [],
  boxes: [],
});

export const screen: Screen = blank();

/** A window in which nothing has happened yet; `closeWindow` is for one that a file of tests leaves. */
export function openScreen(answers: Answer[] = []): Screen {
  Object.assign(screen, blank(), { answers });
  Object.assign(env, { remoteName: undefined, uiKind: UIKind.Desktop });
  return screen;
}

/** Keeps the question, and gives the answer that waits for it. */
function ask(question: Question): string | undefined {
  screen.asked.push(question);
  const index = screen.answers.findIndex(([about]) => about.test(question.text));
  return index < 0 ? undefined : screen.answers.splice(index, 1)[0]![1];
}

export class EventEmitter<T> {
  readonly #listeners = new Set<(value: T) => void>();
  readonly event = (listener: (value: T) => void) => {
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  };
  fire(value: T): void {
    for (const listener of this.#listeners) listener(value);
  }
  dispose(): void {
    this.#listeners.clear();
  }
}

export class Disposable {
  readonly dispose: () => void;
  constructor(dispose: () => void) {
    this.dispose = dispose;
  }
  static from(...held: { dispose(): void }[]): Disposable {
    return new Disposable(() => held.forEach((one) => one.dispose()));
  }
}

export const Uri = {
  [Symbol.hasInstance]: (given: unknown) => typeof given === "object" && given !== null && "fsPath" in given,
  file: (path: string) => ({ fsPath: path, path, scheme: "file", toString: () => `file://${path}` }),
  from: (parts: { scheme: string; path: string }) => ({
    ...parts,
    fsPath: parts.path,
    toString: () => `${parts.scheme}:${parts.path}`,
  }),
  parse: (text: string) => {
    const { protocol, pathname } = new URL(text);
    const [scheme, path] = [protocol.slice(0, -1), decodeURIComponent(pathname)];
    return scheme === "file" ? Uri.file(path) : Uri.from({ scheme, path });
  },
  joinPath: (base: { fsPath: string }, ...parts: string[]) => Uri.file([base.fsPath, ...parts].join("/")),
};

export const FileType = { File: 1 };
export const FileChangeType = { Changed: 1 };
export class FileSystemError extends Error {
  static Unavailable = (message: string) => new FileSystemError(message);
  static NoPermissions = () => new FileSystemError("NoPermissions");
}
export const TreeItemCollapsibleState = { None: 0, Collapsed: 1, Expanded: 2 };
export const TreeItemCheckboxState = { Unchecked: 0, Checked: 1 };
export const ProgressLocation = { SourceControl: 1, Window: 10, Notification: 15 };
export const QuickPickItemKind = { Separator: -1, Default: 0 };
export const StatusBarAlignment = { Left: 1, Right: 2 };
export const DiagnosticSeverity = { Error: 0, Warning: 1 };
export const InputBoxValidationSeverity = { Info: 1, Warning: 2, Error: 3 };
export const ViewColumn = { Active: -1 };
export const UIKind = { Desktop: 1, Web: 2 };
export const version = "1.0.0";

/** An input box or a list that was put up: `accept` and `hide` are the user's keys. */
class FakeBox {
  [key: string]: unknown;
  value = "";
  items: { label: string; kind?: number }[] = [];
  activeItems: unknown[] = [];
  selectedItems: unknown[] = [];
  readonly #events: Record<string, EventEmitter<unknown>> = {};
  readonly onDidChangeValue = this.#event("value");
  readonly onDidAccept = this.#event("accept");
  readonly onDidHide = this.#event("hide");
  readonly onDidTriggerItemButton = this.#event("button");
  #event(name: string) {
    return (this.#events[name] ??= new EventEmitter()).event;
  }
  type(text: string): void {
    this.value = text;
    this.#events["value"]!.fire(text);
  }
  accept(): void {
    this.#events["accept"]!.fire(undefined);
  }
  hide(): void {
    this.#events["hide"]!.fire(undefined);
  }
  show(): void {}
  dispose(): void {}
}

function putUp(): FakeBox {
  const box = new FakeBox();
  screen.boxes.push(box);
  return box;
}

type Choice = { title: string } | string;

async function message(kind: string, text: string, ...rest: unknown[]): Promise<unknown> {
  const options = typeof rest[0] === "object" && rest[0] && !("title" in rest[0]) ? (rest.shift() as FakeItem) : {};
  const choices = rest as Choice[];
  const titles = choices.map((choice) => (typeof choice === "string" ? choice : choice.title));
  const answer = ask({ kind, text, detail: options["detail"] as string | undefined, choices: titles });
  const index = answer === undefined ? -1 : titles.indexOf(answer);
  if (answer !== undefined && index < 0) throw new Error(`${text}: there is no ${answer} among ${titles.join(", ")}`);
  return choices[index];
}

interface InputOptions {
  title?: string;
  prompt?: string;
  password?: boolean;
  validateInput?(text: string): unknown;
}

const visibleEditors = new EventEmitter<unknown>();
const changedSettings = new EventEmitter<{ affectsConfiguration(name: string): boolean }>();
const saved = new EventEmitter<{ uri: unknown; fileName: string; getText: () => string }>();
const changedTexts = new EventEmitter<{ document: object }>();
const savedNotebooks = new EventEmitter<{ uri: unknown }>();

export const window = {
  showInformationMessage: (text: string, ...rest: unknown[]) => message("information", text, ...rest),
  showWarningMessage: (text: string, ...rest: unknown[]) => message("warning", text, ...rest),
  showErrorMessage: (text: string, ...rest: unknown[]) => message("error", text, ...rest),
  showTextDocument: async (shown: object) => void screen.opened.push("uri" in shown ? shown.uri : shown),
  setStatusBarMessage: (text: string) => void screen.said.push(text),
  async showInputBox({ title = "", prompt, password, validateInput }: InputOptions) {
    const answer = ask({ kind: "input", text: title, detail: prompt, choices: [], password });
    const fault = answer === undefined ? undefined : await validateInput?.(answer);
    if (fault !== undefined && fault !== null) throw new Error(`${title}: ${String(fault)}`);
    return answer;
  },
  async showQuickPick(given: unknown, { title = "", placeHolder = "" } = {}) {
    const items = ((await given) as ({ label: string; kind?: number } | string)[]).map((item) =>
      typeof item === "string" ? { label: item } : item,
    );
    const labels = items.filter(({ kind }) => kind !== -1).map(({ label }) => label);
    const answer = ask({ kind: "pick", text: title || placeHolder, choices: labels });
    if (answer === undefined) return undefined;
    const found = items.find(({ label, kind }) => kind !== -1 && label.includes(answer));
    if (!found) throw new Error(`${title}: there is no ${answer} among ${labels.join(", ")}`);
    return found;
  },
  createInputBox: putUp,
  createQuickPick: putUp,
  createWebviewPanel(type: string, title: string) {
    const shown = { html: "" };
    const postMessage = ({ html }: { html: string }) => void (shown.html = html);
    const webview = Object.assign(shown, { asWebviewUri: String, onDidReceiveMessage() {}, postMessage });
    const closed = new EventEmitter<void>();
    const panel: FakeItem = {
      type,
      title,
      html: "",
      webview,
      onDidDispose: closed.event,
      dispose: () => closed.fire(),
    };
    screen.pages.push(panel);
    return panel;
  },
  async withProgress<T>(options: FakeItem, work: (progress: object, token: object) => Promise<T>): Promise<T> {
    const cancelled = new EventEmitter<void>();
    const token = { isCancellationRequested: false, onCancellationRequested: cancelled.event };
    const cancel = () => {
      token.isCancellationRequested = true;
      cancelled.fire();
    };
    screen.progress.push({ options, cancel });
    return work({ report() {} }, token);
  },
  createStatusBarItem() {
    const item: FakeItem = { show() {}, dispose() {} };
    screen.bars.push(item);
    return item;
  },
  createTreeView() {
    const none = new EventEmitter<unknown>().event;
    const view: FakeItem = { visible: true, selection: [], onDidChangeVisibility: none, reveal() {}, dispose() {} };
    const ticks = new EventEmitter<{ items: unknown[] }>();
    view["onDidChangeCheckboxState"] = ticks.event;
    view["tick"] = (node: unknown, state: number) => ticks.fire({ items: [[node, state]] });
    screen.trees.push(view);
    return view;
  },
  createTextEditorDecorationType: () => ({ dispose() {} }),
  visibleTextEditors: [] as FakeItem[],
  onDidChangeVisibleTextEditors: visibleEditors.event,
  state: { focused: true },
};

/** The user saves a document, or a notebook. */
export function saveDocument(uri: { fsPath: string; scheme: string }, isNotebook = false, text = ""): void {
  if (isNotebook) savedNotebooks.fire({ uri });
  else saved.fire({ uri, fileName: uri.fsPath, getText: () => text });
}

/** The user types into a document. */
export function changeText(document: object): void {
  changedTexts.fire({ document });
}

/** The user changes a setting. */
export function changeSetting(name: string, value: unknown): void {
  screen.settings[name] = value;
  changedSettings.fire({ affectsConfiguration: (one) => one === name || name.startsWith(`${one}.`) });
}

/** Of whole files. */
export class WorkspaceEdit {
  readonly replaced: [path: string, text: string][] = [];
  replace({ fsPath }: { fsPath: string }, _range: unknown, text: string): void {
    this.replaced.push([fsPath, text]);
  }
}

export const workspace = {
  isTrusted: true,
  workspaceFolders: undefined,
  textDocuments: [],
  asRelativePath: (path: string) => path,
  getConfiguration: (section: string) => ({
    get: (name: string, fallback?: unknown) => screen.settings[`${section}.${name}`] ?? fallback,
  }),
  onDidChangeConfiguration: changedSettings.event,
  registerFileSystemProvider: () => ({ dispose() {} }),
  openTextDocument: async (uri: { fsPath: string }) => ({
    uri,
    lineCount: 1,
    getText: () => screen.texts.get(uri.fsPath) ?? "",
    save: async () => true,
  }),
  async applyEdit({ replaced }: WorkspaceEdit) {
    for (const [path, text] of replaced) screen.texts.set(path, text);
    return true;
  },
  onDidChangeTextDocument: changedTexts.event,
  onDidSaveTextDocument: saved.event,
  onDidSaveNotebookDocument: savedNotebooks.event,
};

export const languages = {
  registerCodeLensProvider: () => ({ dispose() {} }),
  registerHoverProvider: () => ({ dispose() {} }),
  createDiagnosticCollection: () => ({
    set: ({ fsPath }: { fsPath: string }, found: Diagnostic[]) => void screen.faults.set(fsPath, found),
    has: ({ fsPath }: { fsPath: string }) => screen.faults.has(fsPath),
    clear: () => screen.faults.clear(),
    dispose() {},
  }),
};

export const lm = {};

export const extensions = { getExtension: () => undefined };

export const commands = {
  executeCommand: async (...call: unknown[]) => void screen.commands.push(call),
};

export const env = {
  language: "en",
  appName: "Editor",
  remoteName: undefined as string | undefined,
  uiKind: UIKind.Desktop,
  clipboard: { writeText: async (text: string) => void (screen.clipboard = text) },
};

export const l10n = {
  bundle: undefined,
  t: (text: string, ...values: unknown[]) => text.replaceAll(/\{(\d+)\}/g, (_all, at) => String(values[Number(at)])),
};

const parts: FakeItem[] = [window, workspace, languages, lm, extensions, commands, env, l10n];
const asMade = parts.map((part) => ({ ...part }));

/** Nobody listens any more, and what was put in place of the editor's own is gone: files of tests share a worker. */
export function closeWindow(): void {
  openScreen();
  for (const event of [visibleEditors, changedSettings, saved, changedTexts, savedNotebooks]) event.dispose();
  for (const [index, part] of parts.entries()) {
    for (const name of Object.keys(part)) if (!(name in asMade[index]!)) delete part[name];
    Object.assign(part, asMade[index]);
  }
}
