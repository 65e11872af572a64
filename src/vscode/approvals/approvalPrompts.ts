import * as vscode from "vscode";
import { Disposables } from "../../base/disposable.ts";
import { Emitter } from "../../base/emitter.ts";
import { describeError, type Log } from "../../base/log.ts";
import { defined } from "../../base/defined.ts";
import { isToldWhole } from "../../base/text/toldWhole.ts";
import { visible } from "../../base/text/visible.ts";
import type { Approval, Offer } from "../../protocol/approval.ts";
import type { GatewayEvent } from "../../protocol/event.ts";
import { ApprovalBook } from "./approvalBook.ts";
import { type Gateway, toSentence } from "../host/windowGateway.ts";
import { withoutIcons, withoutLinks } from "../host/plainText.ts";
import { fillBeside } from "../trees/fillBeside.ts";
import { nameOf } from "../words/offerNames.ts";
import type { VirtualDocuments } from "../documents/virtualDocuments.ts";

export interface ApprovalPromptsOptions {
  gateway: Gateway;
  documents: VirtualDocuments;
  /** Whether the chat shows this session, once that is known: then it asks there, and nothing else has to. */
  isShown(sessionKey: string): Promise<boolean>;
  /** Whether this window is the one to ask about the session. */
  isOurs(sessionKey: string): Promise<boolean>;
  log: Log;
}

/** Asks the user what the agent may do, wherever they are looking. */
export class ApprovalPrompts implements vscode.Disposable {
  readonly #options: ApprovalPromptsOptions;
  readonly #book = new ApprovalBook();
  readonly #changes = new Emitter<number>();
  readonly #held = new Disposables();
  /** What this window has asked, or has seen asked in its chat. */
  readonly #seen = new Set<string>();
  /** Counts how often they were asked for anew. */
  #reloads = 0;

  constructor(options: ApprovalPromptsOptions) {
    this.#options = options;
    this.#held.add(options.gateway.onDidChange(({ state }) => void this.#reload(state === "running")));
    this.#held.add(options.gateway.onEvent((event) => this.#take(event)));
  }

  get count(): number {
    return this.#book.count;
  }

  /** Tells how many wait now. */
  onDidChange(listener: (count: number) => void): vscode.Disposable {
    return vscode.Disposable.from(this.#changes.on(listener));
  }

  isWaiting(id: string): boolean {
    return this.#book.get(id) !== undefined;
  }

  /** Lets the user choose one of those that wait, and answer it. */
  async review(): Promise<void> {
    const waiting = this.#book.list();
    if (waiting.length === 0) {
      void vscode.window.showInformationMessage(vscode.l10n.t("No approval waits for you."));
      return;
    }
    const { chooseApproval } = await import("../choices/index.ts");
    const chosen = await chooseApproval(waiting);
    if (!chosen) return;
    await this.show(chosen);
    await this.#ask(chosen, true);
  }

  async showById(id: string): Promise<void> {
    const { approvals } = await this.#options.gateway.client().call("approvals.list", {});
    const approval = approvals.find((approval) => approval.id === id);
    if (approval) await this.show(approval);
    else void vscode.window.showInformationMessage(vscode.l10n.t("This approval no longer waits."));
  }

  /** The exact change as a diff, or the exact command as text. */
  async show(approval: Approval): Promise<void> {
    const { documents } = this.#options;
    const { subject, summary } = approval;
    const { closeOnceAnswered, openProposal } = await import("../choices/index.ts");
    if (subject.type === "edit") return openProposal({ approvals: this, documents }, approval, subject);
    const [name, text] =
      subject.type === "command"
        ? (["command.sh", `# ${visible(subject.cwd)}\n${visible(subject.command)}\n`] as const)
        : (["approval.txt", `${summary}\n\n${visible(subject.text)}\n`] as const);
    closeOnceAnswered(this, approval.id, await documents.openText(name, text, { preview: false }));
  }

  async answer(approval: Approval, { decision, rule }: Pick<Offer, "decision" | "rule">): Promise<void> {
    try {
      const answer = { id: approval.id, decision, ...defined({ rule }) };
      await this.#options.gateway.client().call("approvals.answer", answer);
    } catch (error) {
      void vscode.window.showInformationMessage(withoutLinks(toSentence(error)));
    }
  }

  dispose(): void {
    this.#held.dispose();
  }

  async #reload(isRunning: boolean): Promise<void> {
    const reload = (this.#reloads += 1);
    try {
      if (!isRunning) this.#book.replace([]);
      else
        await fillBeside(this.#options.gateway, {
          ask: (client) => client.call("approvals.list", {}),
          isWanted: () => reload === this.#reloads,
          put: ({ approvals }) => this.#book.replace(approvals),
          take: (event) => this.#book.take(event),
        });
    } catch (error) {
      this.#options.log.warn(`Approvals could not be listed: ${describeError(error)}`);
    }
    this.#changes.emit(this.#book.count);
    // Asked before this window listened.
    for (const approval of this.#book.list()) this.#see(approval);
  }

  #take(event: GatewayEvent): void {
    if (!this.#book.take(event)) return;
    this.#changes.emit(this.#book.count);
    if (event.type === "approval.asked") this.#see(event.approval);
  }

  #see(approval: Approval): void {
    if (this.#seen.has(approval.id)) return;
    this.#seen.add(approval.id);
    this.#notify(approval).catch((error: unknown) => this.#options.log.warn(describeError(error)));
  }

  async #notify(approval: Approval): Promise<void> {
    const place = await this.#whereToAsk(approval).catch((error: unknown) => {
      this.#seen.delete(approval.id);
      throw error;
    });
    if (place === "here") await this.#ask(approval, false);
    // It may be for this window once another is gone, or once the gateway is back.
    if (place === "nowhere") this.#seen.delete(approval.id);
  }

  async #whereToAsk({ id, sessionKey }: Approval): Promise<"chat" | "here" | "nowhere"> {
    const { isShown, isOurs } = this.#options;
    if (await isShown(sessionKey)) return "chat";
    if (!vscode.workspace.getConfiguration("pincer").get("approvals.notify", true)) return "nowhere";
    // It may have been answered, or have run out, while that was not known.
    return this.isWaiting(id) && (await isOurs(sessionKey)) && this.isWaiting(id) ? "here" : "nowhere";
  }

  /**
   * A notification has room for the two plain answers; the rest, each with what it covers, is one step away. What it cannot
   * tell all of, such as a change to a file, is shown before it may be allowed.
   */
  async #ask(approval: Approval, isShown: boolean): Promise<void> {
    if (isShown) return this.#choose(approval);
    const isTold = isToldWhole(approval);
    const [allow, deny] = await namesOf(approval);
    const show = vscode.l10n.t("Show");
    const more = vscode.l10n.t("More…");
    const hasMore = isTold && approval.offers.some((offer) => offer.rule !== undefined);
    const message = vscode.l10n.t("Pincer asks: {0}", withoutLinks(approval.summary));
    const choices = isTold ? [allow, deny, ...(hasMore ? [more] : []), show] : [show, deny];
    const choice = await vscode.window.showWarningMessage(message, ...choices);
    if (choice === show) await this.show(approval);
    if (choice === show || choice === more) await this.#choose(approval);
    else if (choice === allow) await this.answer(approval, { decision: "allow" });
    else if (choice === deny) await this.answer(approval, { decision: "deny" });
  }

  async #choose(approval: Approval): Promise<void> {
    const chosen = await (await import("../choices/index.ts")).chooseOffer(approval, this);
    if (chosen) await this.answer(approval, chosen);
  }
}

/** What the two plain answers are called. */
async function namesOf(approval: Approval): Promise<[allow: string, deny: string]> {
  // What gives a budget more says how much, in words that are loaded for nothing else.
  const covers = approval.raises ? (await import("../choices/index.ts")).coversWords : (words: string) => words;
  return [withoutIcons(nameOf("allow", approval, covers)), nameOf("deny", approval, covers)];
}
