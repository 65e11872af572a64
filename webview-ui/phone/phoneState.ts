import { computed, signal } from "@preact/signals";
import type { Approval } from "../../src/protocol/approval.ts";
import type { GatewayEvent } from "../../src/protocol/event.ts";
import type { Phone, PhoneScope } from "../../src/protocol/outside/phone.ts";
import { createSessionList } from "../state/sessionList.ts";
import type { McpAnswer, McpQuestion } from "../../src/protocol/mcp.ts";
import { forgetDrafts } from "./phoneDrafts.ts";
import { codeOf, createPhoneLink, enterByCode, giveBack } from "./phoneLink.ts";
import { forgetNotifications, forgetPush, mendPush } from "./phonePush.ts";
import { openPhoneSession, type PhoneSession } from "./phoneSession.ts";
import { phoneWords } from "./phoneWords.ts";

/**
 * Where the token lies. A cookie would be sent by itself, also with what other sites have a browser ask, and the gateway takes
 * none; whatever script could read this could read any other place of the page too, and the page's policy lets none but its own run.
 */
const TOKEN = "pincer.token";
/**
 * The token that is none any more. It is noted beside, not taken away: what another page has stored may be heard of late, and a page that
 * took away what it takes for the old one would take the new one.
 */
const LOST = "pincer.lostToken";
/** Until a page that is refused has heard of another page of this browser that came in anew. */
const HEARD_MS = 1000;

// Where twenty agents work at once, something changes twenty times in a second.
const BETWEEN_READS_MS = 1000;

export type PhoneState = ReturnType<typeof createPhoneState>;

/** What the page knows: who it is, what waits, which session is shown. */
export function createPhoneState() {
  const token = signal(keptToken());
  const self = signal<Phone | undefined>();
  const pushKey = signal<string | undefined>();
  const problem = signal<string | undefined>();
  const isPairing = signal(false);
  const approvals = signal<Approval[]>([]);
  const questions = signal<McpQuestion[]>([]);
  const isRead = signal(false);
  const shown = signal<PhoneSession | undefined>();
  let following: AbortController | undefined;
  let version: string | undefined;

  /** As a stranger: nothing of what was shown stays. */
  const forget = (why?: string): void => {
    following?.abort();
    following = undefined;
    show(undefined);
    token.value = undefined;
    self.value = undefined;
    sessions.entries.value = new Map();
    approvals.value = [];
    questions.value = [];
    isRead.value = false;
    problem.value = why;
    forgetDrafts();
    void forgetPush().catch(() => undefined);
  };
  /** Another page of this browser may have come in anew, or been removed. */
  const takeKept = (): void => {
    const kept = keptToken();
    if (kept === token.value) return;
    if (kept === undefined) return forget(phoneWords.lost);
    token.value = kept;
    if (problem.value === phoneWords.lost) problem.value = undefined;
    begin();
  };
  const lost = async (used: string): Promise<void> => {
    if (used === token.value && keptToken() === used) await untilStored(HEARD_MS);
    if (used !== token.value) return;
    if (keptToken() === used) noteLost(used);
    takeKept();
    // Where nothing is kept there is nothing to take.
    if (used === token.value) forget(phoneWords.lost);
  };
  addEventListener("storage", ({ key }) => (key === TOKEN || key === LOST || key === null) && takeKept());
  const link = createPhoneLink(() => token.value, lost);
  const { gateway } = link;
  const sessions = createSessionList(gateway);

  const attempt = async (work: () => Promise<unknown>): Promise<boolean> => {
    try {
      await work();
      return true;
    } catch (error) {
      // Of a phone that was removed it is said already.
      if (token.value !== undefined) problem.value = sentenceOf(error);
      return false;
    }
  };

  const readWaiting = async (): Promise<void> => {
    const mine = following;
    const [listed, waiting] = await Promise.all([
      gateway.call("approvals.list", {}),
      gateway.call("mcp.questions", {}),
    ]);
    if (mine !== following) return;
    approvals.value = listed.approvals;
    questions.value = waiting.questions;
    isRead.value = true;
    if (listed.count + waiting.count === 0) void forgetNotifications();
  };
  /** However much happens at once: one question is under way, and one more is asked when it is answered. */
  let reading: Promise<void> | undefined;
  let isStale = false;
  const readAgain = (): Promise<void> => {
    isStale = true;
    const readAll = async () => {
      for (; isStale; await new Promise((resolve) => setTimeout(resolve, BETWEEN_READS_MS))) {
        isStale = false;
        await readWaiting();
      }
    };
    reading ??= readAll().finally(() => (reading = undefined));
    return reading;
  };
  const heard = (event: GatewayEvent): void => {
    link.tell(event);
    if (event.type === "session.changed" || event.type === "mcp.asked" || event.type === "mcp.answered")
      void attempt(readAgain);
    if (event.type === "session.deleted" && event.sessionKey === shown.value?.key) show(undefined);
  };

  /** Reads all, and follows it from there: on each opening of the stream anew. */
  const begin = (): void => {
    following?.abort();
    following = new AbortController();
    let isMended = false;
    const readSelf = async (): Promise<void> => {
      const told = await gateway.call("phones.self", {});
      pushKey.value = told.pushKey ?? undefined;
      self.value = told.phone;
      version ??= told.version;
      if (told.version !== version && !isTyping()) location.reload();
      if (isMended || told.pushKey === null) return;
      isMended = true;
      // Vendors may take their time, or never answer.
      void mendPush(gateway, told.phone, told.pushKey).then(
        (push) => self.value && (self.value = { ...self.value, push }),
        () => undefined,
      );
    };
    const onOpen = () => attempt(() => Promise.all([readSelf(), sessions.refresh(), readAgain()]));
    // The whole of what happens is never "not found".
    void link.follow({ query: "stateOnly=true", onOpen, onEvent: heard, signal: following.signal });
  };

  const show = (key: string | undefined): void => {
    if (shown.value?.key === key) return;
    shown.value?.close();
    const onGone = () => shown.value?.key === key && show(undefined);
    shown.value =
      key === undefined || token.value === undefined ? undefined : openPhoneSession({ link, key, attempt, onGone });
    scrollTo(0, 0);
  };

  return {
    line: link.line,
    token,
    self,
    pushKey,
    problem,
    isPairing,
    approvals,
    questions,
    isRead,
    shown,
    sessions,
    gateway,
    attempt,
    show,
    begin,
    may: (scope: PhoneScope) => computed(() => self.value?.scopes.includes(scope) ?? false).value,
    /** Comes in by a code; what it was before is given back. */
    async enter(code: string): Promise<void> {
      isPairing.value = true;
      problem.value = undefined;
      try {
        const entered = await enterByCode(code, phoneName());
        const before = token.value;
        const isKept = keepToken(entered.token);
        token.value = entered.token;
        self.value = entered.phone;
        begin();
        if (!isKept) problem.value = phoneWords.notKept;
        if (before !== undefined) await giveBack(before);
      } catch (error) {
        problem.value = sentenceOf(error);
      } finally {
        isPairing.value = false;
      }
    },
    async leave(): Promise<void> {
      if (token.value !== undefined) await giveBack(token.value);
      keepToken(undefined);
      forget();
    },
    /** Resolves with whether it waits no more: also where others were quicker. */
    answer: (id: string, decision: "allow" | "deny") =>
      attempt(async () => {
        const drop = () => (approvals.value = approvals.value.filter((one) => one.id !== id));
        try {
          await gateway.call("approvals.answer", { id, decision });
        } catch (error) {
          if (codeOf(error) !== "not_found") throw error;
          drop();
          throw new Error(phoneWords.over, { cause: error });
        }
        drop();
      }),
    /** Rejects with `bad_request` for what does not fit, and then it still waits. */
    async answerQuestion(id: string, answer: McpAnswer): Promise<void> {
      const drop = () => (questions.value = questions.value.filter((one) => one.id !== id));
      try {
        await gateway.call("mcp.answer", { id, ...answer });
      } catch (error) {
        if (codeOf(error) !== "not_found") throw error;
        drop();
        throw new Error(phoneWords.over, { cause: error });
      }
      drop();
    },
  };
}

/** Whether something would be lost that nobody has sent yet. */
function isTyping(): boolean {
  return [...document.querySelectorAll<HTMLInputElement>(":is(textarea,input)")].some(({ value }) => value !== "");
}

/** A browser may keep nothing for a page; then it is paired for as long as it is open. */
function keptToken(): string | undefined {
  try {
    const kept = localStorage.getItem(TOKEN);
    return kept === null || kept === localStorage.getItem(LOST) ? undefined : kept;
  } catch {
    return undefined;
  }
}

function noteLost(used: string): void {
  try {
    localStorage.setItem(LOST, used);
  } catch {
    // Where nothing is kept nothing is lost.
  }
}

/** Resolves when another page of this browser has stored something, at the latest after `ms`. */
function untilStored(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const over = () => {
      removeEventListener("storage", over);
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(over, ms);
    addEventListener("storage", over);
  });
}

/** False where nothing is kept. */
function keepToken(value: string | undefined): boolean {
  try {
    if (value === undefined) localStorage.removeItem(TOKEN);
    else localStorage.setItem(TOKEN, value);
    return true;
  } catch {
    return false;
  }
}

/** What a browser tells of its machine, so that a person finds it in a list. */
function phoneName(): string {
  const agent = navigator.userAgent;
  const named = [/iPhone/, /iPad/, /Android/, /Windows/, /Mac OS/, /Linux/].find((one) => one.test(agent));
  return named?.exec(agent)?.[0] ?? "";
}

function sentenceOf(error: unknown): string {
  // What a browser says of a connection that failed helps nobody.
  if (error instanceof TypeError || (error as Error).name === "TimeoutError") return phoneWords.away;
  return error instanceof Error ? error.message : String(error);
}
