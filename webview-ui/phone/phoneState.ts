import { computed, type Signal, signal } from "@preact/signals";
import type { Approval } from "../../src/protocol/approval.ts";
import type { GatewayEvent } from "../../src/protocol/event.ts";
import type { Phone, PhoneScope } from "../../src/protocol/outside/phone.ts";
import { createSessionList, type SessionList } from "../state/sessionList.ts";
import type { McpAnswer, McpQuestion } from "../../src/protocol/mcp.ts";
import { keepToken, keptToken, noteLost, onTokenStored, untilStored } from "./keptToken.ts";
import { keepAnswersOnlyTo } from "./phoneAnswers.ts";
import { createPhoneDrafts, type PhoneDrafts } from "./phoneDrafts.ts";
import { codeOf, createPhoneLink, enterByCode, giveBack, type PhoneLink } from "./phoneLink.ts";
import { forgetKept } from "./phoneMemory.ts";
import { forgetNotifications, forgetPush, mendPush } from "./phonePush.ts";
import { openPhoneSession, type PhoneSession } from "./phoneSession.ts";
import { phoneWords } from "./phoneWords.ts";
import { strings } from "../parts/strings.ts";

/** Until a page that is refused has heard of another page of this browser that came in anew. */
const HEARD_MS = 1000;

// Where twenty agents work at once, something changes twenty times in a second.
const BETWEEN_READS_MS = 1000;

export type PhoneState = ReturnType<typeof createPhoneState>;

/** What the page knows: who it is, what waits, which session is shown. */
interface Page {
  token: Signal<string | undefined>;
  self: Signal<Phone | undefined>;
  pushKey: Signal<string | undefined>;
  problem: Signal<string | undefined>;
  isPairing: Signal<boolean>;
  approvals: Signal<Approval[]>;
  questions: Signal<McpQuestion[]>;
  isRead: Signal<boolean>;
  shown: Signal<PhoneSession | undefined>;
  drafts: PhoneDrafts;
  link: PhoneLink;
  sessions: SessionList;
  /** Ends what it follows. */
  following?: AbortController | undefined;
  /** Of the gateway, as this page is made for. */
  version?: string;
  /** However much happens at once: one question is under way, and one more is asked when it is answered. */
  reading?: Promise<void> | undefined;
  isStale: boolean;
}

export function createPhoneState() {
  const token = signal(keptToken());
  const link = createPhoneLink(
    () => token.value,
    (used) => lose(page, used),
  );
  const page: Page = {
    token,
    self: signal(),
    pushKey: signal(),
    problem: signal(),
    isPairing: signal(false),
    approvals: signal([]),
    questions: signal([]),
    isRead: signal(false),
    shown: signal(),
    drafts: createPhoneDrafts(),
    link,
    sessions: createSessionList(link.gateway),
    isStale: false,
  };
  onTokenStored(() => takeKept(page));
  const { self, pushKey, problem, isPairing, approvals, questions, isRead, shown, sessions } = page;
  return {
    ...{ token, self, pushKey, problem, isPairing, approvals, questions, isRead, shown, sessions },
    line: link.line,
    gateway: link.gateway,
    attempt: (work: () => Promise<unknown>) => attempt(page, work),
    show: (key: string | undefined) => show(page, key),
    begin: () => begin(page),
    may: (scope: PhoneScope) => computed(() => self.value?.scopes.includes(scope) ?? false).value,
    enter: (code: string) => enter(page, code),
    leave: () => leave(page),
    answer: (id: string, decision: "allow" | "deny") => attempt(page, () => answer(page, id, decision)),
    answerQuestion: (id: string, given: McpAnswer) => answerQuestion(page, id, given),
  };
}

/** Comes in by a code; what it was before is given back. */
async function enter(page: Page, code: string): Promise<void> {
  const { token, self, problem, isPairing } = page;
  isPairing.value = true;
  problem.value = undefined;
  try {
    const entered = await enterByCode(code, phoneName());
    const before = token.value;
    const isKept = keepToken(entered.token);
    token.value = entered.token;
    self.value = entered.phone;
    begin(page);
    if (!isKept) problem.value = phoneWords.notKept;
    if (before !== undefined) await giveBack(before);
  } catch (error) {
    problem.value = sentenceOf(error);
  } finally {
    isPairing.value = false;
  }
}

async function leave(page: Page): Promise<void> {
  if (page.token.value !== undefined) await giveBack(page.token.value);
  keepToken(undefined);
  forget(page);
}

/** As a stranger: nothing of what was shown stays. */
function forget(page: Page, why?: string): void {
  page.following?.abort();
  page.following = undefined;
  show(page, undefined);
  page.token.value = undefined;
  page.self.value = undefined;
  page.sessions.entries.value = new Map();
  page.approvals.value = [];
  page.questions.value = [];
  page.isRead.value = false;
  page.problem.value = why;
  page.drafts.forget();
  forgetKept();
  void forgetPush().catch(() => undefined);
}

/** The token that was used is none any more, or another page of this browser has put a new one in its place. */
async function lose(page: Page, used: string): Promise<void> {
  const { token } = page;
  if (used === token.value && keptToken() === used) await untilStored(HEARD_MS);
  if (used !== token.value) return;
  if (keptToken() === used) noteLost(used);
  takeKept(page);
  // Where nothing is kept there is nothing to take.
  if (used === token.value) forget(page, phoneWords.lost);
}

/** Goes on with the token that is kept now, or as a stranger. */
function takeKept(page: Page): void {
  const { token, problem } = page;
  const kept = keptToken();
  if (kept === token.value) return;
  if (kept === undefined) return forget(page, phoneWords.lost);
  token.value = kept;
  if (problem.value === phoneWords.lost) problem.value = undefined;
  begin(page);
}

/** Reads all, and follows it from there: on each opening of the stream anew. */
function begin(page: Page): void {
  const { link, sessions } = page;
  page.following?.abort();
  page.following = new AbortController();
  const { signal } = page.following;
  const mending = { isBegun: false };
  const onOpen = () => attempt(page, () => Promise.all([readSelf(page, mending), sessions.refresh(), readAgain(page)]));
  // The whole of what happens is never "not found".
  void link.follow({ query: "stateOnly=true", onOpen, onEvent: (event) => hear(page, event), signal });
}

/** Who this phone is. Its push is mended once for each time that it begins. */
async function readSelf(page: Page, mending: { isBegun: boolean }): Promise<void> {
  const { self, pushKey, link } = page;
  const told = await link.gateway.call("phones.self", {});
  pushKey.value = told.pushKey ?? undefined;
  self.value = told.phone;
  page.version ??= told.version;
  if (told.version !== page.version && !isTyping(page)) location.reload();
  if (mending.isBegun || told.pushKey === null) return;
  mending.isBegun = true;
  // Vendors may take their time, or never answer.
  void mendPush(link.gateway, told.phone, told.pushKey).then(
    (push) => self.value && (self.value = { ...self.value, push }),
    () => undefined,
  );
}

function hear(page: Page, event: GatewayEvent): void {
  page.link.tell(event);
  if (event.type === "session.changed" || event.type === "mcp.asked" || event.type === "mcp.answered")
    void attempt(page, () => readAgain(page));
  if (event.type === "session.deleted" && event.sessionKey === page.shown.value?.key) leaveShown(page);
}

function readAgain(page: Page): Promise<void> {
  page.isStale = true;
  const readAll = async () => {
    for (; page.isStale; await new Promise((resolve) => setTimeout(resolve, BETWEEN_READS_MS))) {
      page.isStale = false;
      await readWaiting(page);
    }
  };
  page.reading ??= readAll().finally(() => (page.reading = undefined));
  return page.reading;
}

async function readWaiting(page: Page): Promise<void> {
  const { gateway } = page.link;
  const mine = page.following;
  const [listed, waiting] = await Promise.all([gateway.call("approvals.list", {}), gateway.call("mcp.questions", {})]);
  if (mine !== page.following) return;
  page.approvals.value = listed.approvals;
  page.questions.value = waiting.questions;
  page.isRead.value = true;
  keepAnswersOnlyTo(waiting.questions.map(({ id }) => id));
  if (listed.count + waiting.count === 0) void forgetNotifications();
}

function show(page: Page, key: string | undefined): void {
  const { shown, token, link, drafts } = page;
  if (shown.value?.key === key) return;
  shown.value?.close();
  const onGone = () => shown.value?.key === key && leaveShown(page);
  const trying = (work: () => Promise<unknown>) => attempt(page, work);
  shown.value =
    key === undefined || token.value === undefined
      ? undefined
      : openPhoneSession({ link, key, draft: drafts.of(key), attempt: trying, onGone });
  scrollTo(0, 0);
}

/** The session that is shown is gone; one that is written in stays, so that what is written is not lost. */
function leaveShown(page: Page): void {
  const { text, isOnItsWay } = page.shown.value!.draft;
  const isWritten = text.value !== "" || isOnItsWay.value;
  page.problem.value = isWritten ? strings.shownDeleted : strings.leftDeleted;
  if (!isWritten) show(page, undefined);
}

function answer({ approvals, link }: Page, id: string, decision: "allow" | "deny"): Promise<void> {
  const drop = () => (approvals.value = approvals.value.filter((one) => one.id !== id));
  return answered(link.gateway.call("approvals.answer", { id, decision }), drop);
}

/** Rejects with `bad_request` for what does not fit, and then it still waits. */
function answerQuestion({ questions, link }: Page, id: string, given: McpAnswer): Promise<void> {
  const drop = () => (questions.value = questions.value.filter((one) => one.id !== id));
  return answered(link.gateway.call("mcp.answer", { id, ...given }), drop);
}

/** What was answered waits no more, and what others were quicker with neither, which is said. */
async function answered(call: Promise<unknown>, drop: () => void): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (codeOf(error) !== "not_found") throw error;
    drop();
    throw new Error(phoneWords.over, { cause: error });
  }
  drop();
}

/** False where it failed, which is said. */
async function attempt({ token, problem }: Page, work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    // Of a phone that was removed it is said already.
    if (token.value !== undefined) problem.value = sentenceOf(error);
    return false;
  }
}

/** Whether something would be lost that nobody has sent yet. */
function isTyping({ shown }: Page): boolean {
  if (shown.value?.draft.isOnItsWay.value) return true;
  return [...document.querySelectorAll<HTMLInputElement>(":is(textarea,input)")].some(({ value }) => value !== "");
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
