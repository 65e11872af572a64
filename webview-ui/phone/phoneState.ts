import { computed, signal } from "@preact/signals";
import type { Approval } from "../../src/protocol/approval.ts";
import type { GatewayEvent } from "../../src/protocol/event.ts";
import type { Phone, PhoneScope } from "../../src/protocol/outside/phone.ts";
import { createSessionList } from "../state/sessionList.ts";
import { createPhoneLink, enterByCode } from "./phoneLink.ts";
import { openPhoneSession, type PhoneSession } from "./phoneSession.ts";
import { phoneWords } from "./phoneWords.ts";

/**
 * Where the token lies. A cookie would be sent by itself, also with what other sites have a browser ask, and the gateway takes
 * none; whatever script could read this could read any other place of the page too, and the page's policy lets none but its own run.
 */
const TOKEN = "pincer.token";

export type PhoneState = ReturnType<typeof createPhoneState>;

/** What the page knows: who it is, what waits, which session is shown. */
export function createPhoneState() {
  const token = signal(localStorage.getItem(TOKEN) ?? undefined);
  const self = signal<Phone | undefined>();
  const pushKey = signal<string | undefined>();
  const problem = signal<string | undefined>();
  const isPairing = signal(false);
  const approvals = signal<Approval[]>([]);
  const questions = signal(0);
  const isRead = signal(false);
  const shown = signal<PhoneSession | undefined>();
  let following: AbortController | undefined;

  const keep = (value: string | undefined): void => {
    if (value === undefined) localStorage.removeItem(TOKEN);
    else localStorage.setItem(TOKEN, value);
    token.value = value;
  };
  const leave = (why?: string): void => {
    following?.abort();
    following = undefined;
    show(undefined);
    keep(undefined);
    self.value = undefined;
    approvals.value = [];
    isRead.value = false;
    problem.value = why;
  };
  const link = createPhoneLink(
    () => token.value,
    () => token.value !== undefined && leave(phoneWords.lost),
  );
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

  /** Newer answers than older questions: the last one asked for counts. */
  let asked = 0;
  const readWaiting = async (): Promise<void> => {
    const mine = ++asked;
    const [listed, waiting] = await Promise.all([
      gateway.call("approvals.list", {}),
      gateway.call("mcp.questions", {}),
    ]);
    if (mine !== asked) return;
    approvals.value = listed.approvals;
    questions.value = waiting.count;
    isRead.value = true;
    if (listed.count + waiting.count === 0) void forgetNotifications();
  };
  const heard = (event: GatewayEvent): void => {
    link.tell(event);
    if (event.type === "session.changed" || event.type === "mcp.asked" || event.type === "mcp.answered")
      void attempt(readWaiting);
    if (event.type === "session.deleted" && event.sessionKey === shown.value?.key) show(undefined);
  };

  /** Reads all, and follows it from there: on each opening of the stream anew. */
  const begin = (): void => {
    following?.abort();
    following = new AbortController();
    const onOpen = () =>
      void attempt(() =>
        Promise.all([
          gateway.call("phones.self", {}).then((told) => {
            self.value = told.phone;
            pushKey.value = told.pushKey ?? undefined;
          }),
          sessions.refresh(),
          readWaiting(),
        ]),
      );
    void link.follow({ query: "stateOnly=true", onOpen, onEvent: heard, signal: following.signal });
  };

  const show = (key: string | undefined): void => {
    if (shown.value?.key === key) return;
    shown.value?.close();
    shown.value = key === undefined ? undefined : openPhoneSession(link, key, attempt);
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
        if (token.value !== undefined) await gateway.call("phones.leave", {}).catch(() => undefined);
        keep(entered.token);
        self.value = entered.phone;
        begin();
      } catch (error) {
        problem.value = sentenceOf(error);
      } finally {
        isPairing.value = false;
      }
    },
    async leave(): Promise<void> {
      await gateway.call("phones.leave", {}).catch(() => undefined);
      leave();
    },
    answer: (id: string, decision: "allow" | "deny") =>
      attempt(async () => {
        await gateway.call("approvals.answer", { id, decision });
        approvals.value = approvals.value.filter((one) => one.id !== id);
      }),
  };
}

/** What was told of is over. */
async function forgetNotifications(): Promise<void> {
  const registration = await navigator.serviceWorker?.getRegistration();
  for (const one of (await registration?.getNotifications()) ?? []) one.close();
}

/** What a browser tells of its machine, so that a person finds it in a list. */
function phoneName(): string {
  const agent = navigator.userAgent;
  const named = [/iPhone/, /iPad/, /Android/, /Windows/, /Mac OS/, /Linux/].find((one) => one.test(agent));
  return named?.exec(agent)?.[0] ?? "";
}

function sentenceOf(error: unknown): string {
  // What a browser says of a connection that failed helps nobody.
  if (error instanceof TypeError) return phoneWords.away;
  return error instanceof Error ? error.message : String(error);
}
