import { inTime } from "../inTime.ts";
import { onAbort } from "../../base/wait.ts";
import type { ConsoleMessage, Dialog, Download, Frame, Page, Request, Response } from "playwright-core";
import { Emitter } from "../../base/emitter.ts";
import type { BrowserTab } from "../../protocol/browser.ts";
import { type SignIn, toSignIn } from "./signIn.ts";
import { originOf } from "./origin.ts";
import { Requests } from "./requests.ts";
import { headOf } from "../../base/cutText.ts";

const MAX_LINES = 200;
const MAX_LINE_CHARS = 2000;

export interface ConsoleLine {
  type: string;
  text: string;
  from: string;
}

/** A snapshot as the caller knows it. */
export interface Seen {
  text: string;
  url: string;
  title: string;
  document: number;
}

/** One page of a session, and what it told since it was opened. */
export class Tab {
  readonly id: string;
  readonly page: Page;
  readonly requests: Requests;
  readonly console: ConsoleLine[] = [];
  readonly onDialog = new Emitter<void>();
  readonly onDownload = new Emitter<Download>();
  /** Waits for its answer; the page stands still until then. */
  dialog: Dialog | undefined;
  crashed = false;
  seen: Seen | undefined;
  /** The last server whose certificate was refused, and why. */
  refused: { url: string; why: string } | undefined;
  /** What the page's server asked to be told, in place of the page. */
  signIn: SignIn | undefined;
  /** Counts the documents that the page went through. */
  document = 0;
  /** The request for the page's next document, while that is on its way. */
  #next: Request | undefined;
  readonly #onArrival = new Emitter<void>();
  readonly #onDocument = new Emitter<void>();

  constructor(id: string, page: Page, refusal: (host: string) => string | undefined) {
    this.id = id;
    this.page = page;
    this.requests = new Requests(refusal);
    page.on("console", (message) => this.#addLine(toLine(message)));
    page.on("pageerror", (error) => this.#addLine({ type: "exception", text: error.message, from: page.url() }));
    page.on("request", (request: Request) => {
      this.requests.begun(request);
      if (!this.#isOfPage(request)) return;
      this.#next = request;
      this.signIn = undefined;
      this.refused = undefined;
    });
    page.on("response", (response: Response) => {
      this.requests.answered(response);
      if (response.status() === 401 && this.#isOfPage(response.request()))
        this.signIn = toSignIn(response.url(), response.headers()["www-authenticate"]);
    });
    page.on("requestfinished", (request: Request) => this.requests.ended(request));
    page.on("requestfailed", (request: Request) => {
      this.requests.failed(request);
      if (request === this.#next) this.#arrive();
    });
    page.on("framenavigated", (frame: Frame) => this.#navigated(frame));
    page.on("domcontentloaded", () => this.#arrive());
    page.on("crash", () => (this.crashed = true));
    page.on("dialog", (dialog: Dialog) => {
      this.dialog = dialog;
      this.onDialog.emit();
    });
    page.on("download", (download: Download) => {
      this.onDownload.emit(download);
      this.#arrive();
    });
    page.on("close", () => this.#arrive());
  }

  /** Never waits for a page that hangs. */
  async describe(focused: boolean): Promise<BrowserTab> {
    return { id: this.id, url: this.page.url(), title: await this.title(), focused };
  }

  /** Of a page that does not say it soon, as it was seen last. */
  async title(): Promise<string> {
    if (this.dialog || this.crashed || this.page.isClosed()) return "";
    const known = this.seen?.document === this.document ? this.seen.title : "";
    return (await inTime(500, this.page.title())) ?? known;
  }

  /** Of its page; a blank one has that of whoever opened it. Undefined where it has none, or does not say it soon. */
  async origin(): Promise<string | undefined> {
    return originOf(this.page.url()) ?? originOf((await inTime(500, this.#inheritedOrigin())) ?? "");
  }

  get isNavigating(): boolean {
    return this.#next !== undefined;
  }

  /** Resolves when the next document is there, will not come, or the signal aborts. */
  async arrived(signal: AbortSignal): Promise<void> {
    if (this.isNavigating) await next(this.#onArrival, signal);
  }

  /** Resolves when the page has another document than that one, or the signal aborts. */
  async documentAfter(document: number, signal: AbortSignal): Promise<void> {
    if (this.document === document) await next(this.#onDocument, signal);
  }

  async #inheritedOrigin(): Promise<string> {
    const devtools = await this.page.context().newCDPSession(this.page);
    const { frameTree } = await devtools.send("Page.getFrameTree");
    // In the page's own world its scripts may have put anything there.
    const world = await devtools.send("Page.createIsolatedWorld", { frameId: frameTree.frame.id });
    const expression = { expression: "self.origin", contextId: world.executionContextId };
    const { result } = await devtools.send("Runtime.evaluate", expression);
    await devtools.detach();
    return String(result.value);
  }

  #isOfPage(request: Request): boolean {
    return request.isNavigationRequest() && request.frame() === this.page.mainFrame();
  }

  #arrive(): void {
    this.#next = undefined;
    this.#onArrival.emit();
  }

  // The history API changes the address and nothing else: what was seen of the page still holds.
  #navigated(frame: Frame): void {
    if (frame !== this.page.mainFrame() || !(this.#next || !/^https?:/.test(frame.url()))) return;
    this.document += 1;
    this.#onDocument.emit();
  }

  #addLine(line: ConsoleLine): void {
    if (this.console.length >= MAX_LINES) this.console.shift();
    this.console.push({ ...line, text: headOf(line.text, MAX_LINE_CHARS) });
  }
}

async function next(emitter: Emitter<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const listening = emitter.on(() => finish());
    const finish = () => {
      listening.dispose();
      gone.dispose();
      resolve();
    };
    const gone = onAbort(signal, finish);
  });
}

function toLine(message: ConsoleMessage): ConsoleLine {
  const { url, lineNumber } = message.location();
  return { type: message.type(), text: message.text(), from: url ? `${url}:${lineNumber + 1}` : "" };
}
