import { useState } from "preact/hooks";
import { visible, visibleLine } from "../../src/base/text/visible.ts";
import type { McpAnswer, McpQuestion } from "../../src/protocol/mcp.ts";
import { faultOf, type FieldValue, firstValue, toContent } from "../parts/fieldValue.ts";
import { strings } from "../parts/strings.ts";
import { QuestionField } from "../questions/questionField.tsx";
import { toTitle } from "../state/sessionList.ts";
import { Countdown } from "../transcript/countdown.tsx";
import { answersTo, keepAnswers } from "./phoneAnswers.ts";
import { codeOf } from "./phoneLink.ts";
import type { PhoneState } from "./phoneState.ts";
import { phoneWords } from "./phoneWords.ts";

interface PhoneQuestionProps {
  phone: PhoneState;
  question: McpQuestion;
  /** False just after something else came or went. */
  isStill: boolean;
}

/** What an MCP server asks of the user, as a form. A page that it wants opened is opened at the computer. All words but the buttons' are the server's. */
export function PhoneQuestion({ phone, question, isStill }: PhoneQuestionProps) {
  const { id, server, message, fields, page, calls = [] } = question;
  const [written, setWritten] = useState(() => answersTo(id));
  const [areFaultsShown, showFaults] = useState(false);
  const [refused, setRefused] = useState<string | undefined>();
  const [isSent, setSent] = useState(false);
  const valueOf = (at: number) => written.get(fields[at]!.name) ?? firstValue(fields[at]!);
  const faults = fields.map((field, at) => faultOf(field, valueOf(at)));
  const answer = async (given: McpAnswer) => {
    if (!isStill) return;
    setSent(true);
    setRefused(undefined);
    const work = async () => {
      try {
        await phone.answerQuestion(id, given);
      } catch (error) {
        if (codeOf(error) !== "bad_request") throw error;
        setRefused((error as Error).message.replace(/^content: /, ""));
      }
    };
    await phone.attempt(work);
    setSent(false);
  };
  const write = (name: string, value: FieldValue) => {
    const next = new Map(written).set(name, value);
    setWritten(next);
    keepAnswers(id, next);
  };
  const send = (event: Event) => {
    event.preventDefault();
    const faulty = faults.findIndex((fault) => fault !== undefined);
    showFaults(faulty >= 0);
    if (faulty >= 0) document.getElementById(`${id}-${faulty}`)?.focus();
    else void answer({ action: "accept", content: toContent(fields, written) });
  };
  const name = `${strings.questionOf(server)}: ${visibleLine(message, 80)}`;
  const may = phone.may("approvals");
  const busy = { disabled: isSent, "aria-disabled": !isStill };
  return (
    <form class="waiting-card" noValidate aria-label={name} onSubmit={send}>
      <p class="waiting-head">
        <span>{strings.questionOf(server)}</span> <Countdown expiresAt={question.expiresAt} />
      </p>
      {calls.length > 0 && <p class="quiet">{calledFor(phone, calls)}</p>}
      <p class="question-message" dir="auto">
        {visible(message)}
      </p>
      {page ? (
        <p class="quiet">{phoneWords.pageAtComputer(page.host)}</p>
      ) : (
        may &&
        fields.map((field, at) => (
          <QuestionField
            key={field.name}
            field={field}
            id={`${id}-${at}`}
            value={valueOf(at)}
            fault={areFaultsShown ? faults[at] : undefined}
            onChange={(value) => write(field.name, value)}
          />
        ))
      )}
      <div role="alert" class="field-fault">
        {refused}
      </div>
      {may && (
        <div class="answers">
          <button type="button" class="button" {...busy} onClick={() => void answer({ action: "decline" })}>
            {strings.declineAnswer}
          </button>
          {!page && (
            <button type="submit" class="button primary" {...busy}>
              {strings.sendAnswer}
            </button>
          )}
        </div>
      )}
    </form>
  );
}

/** Which calls it may have come of, mostly one, and in which sessions they are. */
function calledFor({ sessions }: PhoneState, calls: NonNullable<McpQuestion["calls"]>): string {
  const known = sessions.entries.value;
  const named = calls.map(({ sessionKey, tool }) =>
    strings.toolInSession(tool, toTitle(known.get(sessionKey) ?? { key: sessionKey, title: null })),
  );
  return named.length === 1 ? strings.askedFor(named[0]!) : strings.askedForOne(named.join(", "));
}
