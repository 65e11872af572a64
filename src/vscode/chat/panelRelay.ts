import { toErrorBody } from "../../base/appError.ts";
import type { Disposable } from "../../base/disposable.ts";
import { describeError, type Log } from "../../base/log.ts";
import type { HostMessage, PanelMessage } from "../../protocol/panel/editor.ts";
import { goneAway } from "../../protocol/client.ts";
import type { Frame, RequestFrame, Wire } from "../../protocol/frame.ts";
import { readPanelInput } from "./panelInput.ts";

export interface PanelRelayOptions {
  /** Puts a message on its way to the page. */
  post(message: Frame | HostMessage): void;
  /** A wire of the panel's own to the gateway; rejects when none runs. */
  connect(): Promise<Wire>;
  /** Answers "editor.*". */
  answer(method: string, params: unknown): Promise<unknown>;
  onMessage(message: PanelMessage): void;
  log: Log;
}

/**
 * Carries frames between the panel's page and a wire of its own to the gateway. A request always gets an answer, also
 * when the gateway goes away before it came; but for one of a page that is gone, which the next page would take for its own.
 */
export class PanelRelay implements Disposable {
  readonly #options: PanelRelayOptions;
  #wire: Promise<Wire> | undefined;
  readonly #waiting = new Set<string>();
  /** Counts the pages: each numbers its requests from the first. */
  #page = 0;

  constructor(options: PanelRelayOptions) {
    this.#options = options;
  }

  /** Takes what the page posted; anything that it would never send is dropped. */
  receive(message: unknown): void {
    const input = readPanelInput(message);
    if (!input) {
      this.#options.log.warn("The panel sent something that it never sends; dropped.");
      return;
    }
    if (input.type === "panel") {
      // A page that starts knows nothing of what an earlier one had asked or subscribed to.
      if (input.event === "ready") this.disconnect();
      this.#options.onMessage(input);
      return;
    }
    void this.#forward(input);
  }

  /** Lets go of the wire; the next request opens another. */
  disconnect(reason = "the panel was closed"): void {
    const wire = this.#wire;
    this.#wire = undefined;
    this.#waiting.clear();
    this.#page++;
    wire?.then((open) => open.close(reason)).catch(() => undefined);
  }

  dispose(): void {
    this.disconnect();
  }

  async #forward(frame: RequestFrame): Promise<void> {
    const { answer, log } = this.#options;
    const page = this.#page;
    const post = (message: Frame) => {
      if (page === this.#page) this.#options.post(message);
    };
    try {
      if (frame.method.startsWith("editor.")) {
        post({ type: "res", id: frame.id, ok: true, payload: (await answer(frame.method, frame.params)) ?? null });
        return;
      }
      this.#wire ??= this.#open();
      const wire = await this.#wire;
      if (page !== this.#page) return;
      this.#waiting.add(frame.id);
      wire.send(frame);
    } catch (error) {
      const body = toErrorBody(error);
      if (body.code === "internal") log.error(`${frame.method} of the panel failed: ${describeError(error)}`);
      post({ type: "res", id: frame.id, ok: false, error: body });
    }
  }

  async #open(): Promise<Wire> {
    const page = this.#page;
    const opening = this.#options.connect();
    try {
      const wire = await opening;
      wire.onFrame((frame) => {
        if (frame.type === "res") this.#waiting.delete(frame.id);
        if (frame.type !== "req" && page === this.#page) this.#options.post(frame);
      });
      wire.onClose((reason) => this.#lost(wire, reason));
      return wire;
    } catch (error) {
      // The next page may have one of its own by now.
      if (page === this.#page) this.#wire = undefined;
      throw error;
    }
  }

  #lost(wire: Wire, reason: string): void {
    void this.#wire?.then((current) => {
      if (current !== wire) return;
      this.#wire = undefined;
      const error = goneAway(reason);
      for (const id of this.#waiting) this.#options.post({ type: "res", id, ok: false, error });
      this.#waiting.clear();
    });
  }
}
