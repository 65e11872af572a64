import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { McpAnswer, McpQuestion } from "../../src/protocol/mcp.ts";
import { Countdown } from "../transcript/countdown.tsx";
import { faultOf, type FieldValue, firstValue, toContent } from "../parts/fieldValue.ts";
import { focusNextCard } from "../parts/focusNextCard.ts";
import { Icon } from "../parts/icon.tsx";
import { usePanel } from "../state/panelContext.ts";
import { strings } from "../parts/strings.ts";
import { toTitle } from "../state/sessionList.ts";
import { QuestionField } from "./questionField.tsx";

/** What an MCP server asks of the user, as a form, or the page that it wants opened. All words but the buttons' are the server's. */
export function QuestionCard({ question }: { question: McpQuestion }) {
  const { server, message, fields, page } = question;
  const card = useRef<HTMLFormElement>(null);
  useWantedFocus(card);
  const { valueOf, faultAt, write, answer, submit, refused, isSent } = useAnswer(question, card);

  return (
    <form
      class="question"
      tabIndex={-1}
      ref={card}
      noValidate
      aria-label={strings.questionOf(server)}
      onSubmit={(event) => {
        event.preventDefault();
        if (!isSent) submit();
      }}
      onKeyDown={(event) => {
        // It would stop the run that waits for the answer.
        if (event.key === "Escape") event.preventDefault();
      }}
    >
      <div class="question-body">
        <div class="question-head">
          <span class="question-server">
            <Icon name="comment-discussion" /> {strings.questionOf(server)}
          </span>
          <Countdown expiresAt={question.expiresAt} />
        </div>
        {question.calls && <CallsAsking calls={question.calls} />}
        <p class="question-message">{message}</p>
        {page && <Page {...page} />}
        {fields.map((field, at) => (
          <QuestionField
            key={field.name}
            field={field}
            id={`${question.id}-${at}`}
            value={valueOf(at)}
            fault={faultAt(at)}
            onChange={(value) => write(field.name, value)}
          />
        ))}
      </div>
      <div role="alert" class="field-fault">
        {refused}
      </div>
      <div class="question-actions">
        <button type="submit" class="button primary" disabled={isSent}>
          {page ? strings.openPage : strings.sendAnswer}
        </button>
        <button type="button" class="button secondary" disabled={isSent} onClick={() => void answer(DECLINE)}>
          {strings.declineAnswer}
        </button>
        <button type="button" class="button secondary" disabled={isSent} onClick={() => void answer(CANCEL)}>
          {strings.cancelAnswer}
        </button>
      </div>
    </form>
  );
}

const DECLINE: McpAnswer = { action: "decline" };
const CANCEL: McpAnswer = { action: "cancel" };

/** The keyboard goes into the first card's first field, where questions have just come into sight. */
function useWantedFocus(card: RefObject<HTMLFormElement | null>): void {
  const { questions } = usePanel();
  const isWanted = questions.isWanted.value;
  useEffect(() => {
    // The first card has it; the others see that it is taken.
    if (!questions.isWanted.peek()) return;
    questions.isWanted.value = false;
    (card.current?.querySelector<HTMLElement>(":is(input,select)") ?? card.current)?.focus();
  }, [isWanted]);
}

/** What is written so far into a question's fields, and how it goes to its server. */
function useAnswer({ id, fields, page }: McpQuestion, card: RefObject<HTMLFormElement | null>) {
  const { questions, session, gateway, focusRequests } = usePanel();
  const [written, setWritten] = useState(() => questions.written(id));
  const [areFaultsShown, showFaults] = useState(false);
  const [refused, setRefused] = useState<string | undefined>();
  const [isSent, setSent] = useState(false);
  const valueOf = (at: number) => written.get(fields[at]!.name) ?? firstValue(fields[at]!);
  const faults = fields.map((field, at) => faultOf(field, valueOf(at)));
  const write = (name: string, value: FieldValue) => {
    const next = new Map(written).set(name, value);
    setWritten(next);
    questions.write(id, next);
  };
  const answer = async (given: McpAnswer) => {
    // A disabled button gives its focus away, and the answered card takes its buttons with it.
    const hadFocus = card.current?.contains(document.activeElement) ?? false;
    setSent(true);
    setRefused(undefined);
    try {
      await questions.answer(id, given);
      if (hadFocus) focusNextCard(".question", card.current, () => focusRequests.value++);
    } catch (error) {
      setSent(false);
      const { code, message: why } = error as { code?: string; message: string };
      if (code === "bad_request") setRefused(why.replace(/^content: /, ""));
      else session.problem.value = why;
    }
  };
  const send = () => {
    const faulty = faults.findIndex((fault) => fault !== undefined);
    showFaults(faulty >= 0);
    if (faulty >= 0) document.getElementById(`${id}-${faulty}`)?.focus();
    else void answer({ action: "accept", content: toContent(fields, written) });
  };
  const openPage = (address: string) =>
    session.attempt(async () => {
      const { opened } = await gateway.call("editor.openLink", { url: address });
      if (opened) await answer({ action: "accept" });
    });
  return {
    valueOf,
    write,
    answer,
    refused,
    isSent,
    faultAt: (at: number) => (areFaultsShown ? faults[at] : undefined),
    submit: () => (page ? void openPage(page.address) : send()),
  };
}

/** Which calls it may have come of, mostly one, and in which sessions they are. */
function CallsAsking({ calls }: { calls: NonNullable<McpQuestion["calls"]> }) {
  const { sessions } = usePanel();
  const known = sessions.entries.value;
  const named = calls.map(({ sessionKey, tool }) =>
    strings.toolInSession(tool, toTitle(known.get(sessionKey) ?? { key: sessionKey, title: null })),
  );
  const words = named.length === 1 ? strings.askedFor(named[0]!) : strings.askedForOne(named.join(", "));
  return <p class="field-hint">{words}</p>;
}

/** The whole address: what it is about stands in its host, and the rest could pretend to be one. */
function Page({ address, host }: NonNullable<McpQuestion["page"]>) {
  return (
    <div class="question-page">
      <div class="question-host">{host}</div>
      <div class="question-address">{address}</div>
      <p class="field-hint">{strings.pageOutside}</p>
    </div>
  );
}
