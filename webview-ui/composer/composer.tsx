import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Attachment } from "../../src/protocol/message.ts";
import { AttachmentChip } from "../parts/attachmentChip.tsx";
import { ContextChip } from "../parts/contextChip.tsx";
import { Icon, IconButton } from "../parts/icon.tsx";
import type { Written } from "../state/draft.ts";
import { usePanel, type Panel } from "../state/panelContext.ts";
import type { Said } from "../state/promptList.ts";
import { takeAttachments } from "../state/takeAttachments.ts";
import { readGivenFiles } from "./givenFiles.ts";
import { mentions } from "./mentions.ts";
import { namedPrompts } from "./namedPrompts.ts";
import { PromptPreview } from "./promptPreview.tsx";
import { LIST_ID, optionId, SuggestionList } from "./suggestionList.tsx";
import { type GivenCommand, toCommand } from "./slashCommands.ts";
import { useSuggestions } from "./useSuggestions.ts";
import { strings } from "../parts/strings.ts";

/** Where the next message is written. Enter sends, Shift+Enter breaks the line, Up recalls, Escape stops, @ lists what it can carry, / commands and prompts. */
export function Composer() {
  const panel = usePanel();
  const { session, draft, outbox, prompts, gatewayState, focusRequests, gateway } = panel;
  const input = useRef<HTMLTextAreaElement>(null);
  const [doing, setDoing] = useState<{ sessionKey: string; words: string } | undefined>();
  const isRunning = gatewayState.value.state === "running";
  const isBusy = session.isBusy.value;
  const isEmpty = draft.text.value.trim() === "";
  const requests = focusRequests.value;
  const write = ({ text, cursor }: { text: string; cursor: number }) => {
    // At once: a frame later the cursor would be taken from who types on.
    input.current!.value = text;
    input.current!.setSelectionRange(cursor, cursor);
    draft.text.value = text;
  };
  const suggestions = useSuggestions([namedPrompts(panel), mentions(panel)], write);
  const { open } = suggestions;

  useLayoutEffect(() => {
    if (requests === 0) return;
    const focus = () => input.current?.focus();
    if (document.hasFocus()) return focus();
    // A page that loads slowly must not take the focus from a palette opened meanwhile: it waits until it is given it.
    window.addEventListener("focus", focus, { once: true });
    return () => window.removeEventListener("focus", focus);
  }, [requests]);

  const canSend = isRunning && session.phase.value === "ready";
  const isWaiting = draft.isWaiting.value && !isEmpty;
  useEffect(() => {
    if (canSend && isWaiting) void send();
  }, [canSend, isWaiting]);

  const send = async () => {
    if (isEmpty) return;
    if (!canSend) {
      draft.isWaiting.value = true;
      return;
    }
    suggestions.close();
    const sessionKey = session.key.value;
    const ended = outbox.begin(sessionKey, draft.written());
    const taken = draft.take();
    session.problem.value = undefined;
    const said = await prompts.toSaid(taken.text);
    const named = toCommand(said);
    if (!named) await deliver(panel, { taken, written: taken, said, sessionKey });
    // A command is not done again: should the page go meanwhile, it has begun.
    ended();
    if (named) await obey(named, taken);
  };
  const obey = async ({ command, rest }: GivenCommand, taken: Written) => {
    const { carries = false, doing: words } = command;
    // Chips wait for the next message where none goes with the command.
    const held = carries ? taken : { text: taken.text, attachments: [], refs: [] };
    if (!carries) draft.restore({ ...taken, text: "" });
    if (words !== undefined) setDoing({ sessionKey: session.key.value, words });
    let said = false as Said | false | void;
    await session.attempt(async () => (said = await command.run(panel, rest)));
    setDoing(undefined);
    if (said === false) draft.restore(held);
    else if (said)
      await deliver(panel, { taken, written: { ...taken, text: rest }, said, sessionKey: session.key.value });
    else if (carries) draft.restore({ ...taken, text: rest });
  };
  const attach = () =>
    session.attempt(async () => takeAttachments(panel, (await gateway.call("editor.pickFiles", {})).attachments));
  const beginMention = () => {
    const { value, selectionEnd } = input.current!;
    const before = value.slice(0, selectionEnd);
    const text = `${before}${/(^|\s)$/.test(before) ? "" : " "}@`;
    write({ text: text + value.slice(selectionEnd), cursor: text.length });
    input.current!.focus();
    void suggestions.look({ text, cursor: text.length });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // While an input method composes, Enter and the arrows belong to it; 229 is how it says so in the last event.
    if (event.isComposing || event.keyCode === 229) return;
    if (suggestions.takeKey(event, draft.text.value)) return;
    if (event.key === "Escape" && isWaiting) {
      draft.isWaiting.value = false;
      event.preventDefault();
    }
    if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.altKey) {
      event.preventDefault();
      void send();
    }
    if (event.key === "ArrowUp" && recall(panel)) event.preventDefault();
    if (event.key === "Backspace" && draft.text.value === "" && draft.dropLast()) event.preventDefault();
  };
  const look = ({ currentTarget: { value, selectionEnd } }: { currentTarget: HTMLTextAreaElement }) =>
    void suggestions.look({ text: value, cursor: selectionEnd });

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {open && (
        <SuggestionList
          label={open.source.label}
          items={open.items}
          active={open.active}
          onActive={suggestions.move}
          onTake={(index) => suggestions.take(index, draft.text.value)}
        />
      )}
      <div class="sr-only" role="status">
        {open ? strings.suggestionCount(open.items.length) : ""}
      </div>
      <div role="status">
        {isWaiting && !canSend && (
          <p class="waits">
            <Icon name="watch" />
            {gatewayState.value.state === "starting" || isRunning
              ? strings.sendsOnceConnected
              : strings.sendsOnceStarted}
            <button type="button" class="link-button" onClick={() => (draft.isWaiting.value = false)}>
              {strings.keepUnsent}
            </button>
          </p>
        )}
        {doing?.sessionKey === session.key.value && (
          <p class="waits">
            <Icon name="loading" spin />
            {doing.words}
          </p>
        )}
      </div>
      <div class="composer-box">
        <Chips panel={panel} onRemoved={() => input.current?.focus()} />
        <textarea
          ref={input}
          rows={1}
          aria-label={strings.composer}
          aria-autocomplete="list"
          aria-controls={open && LIST_ID}
          aria-activedescendant={open && optionId(open.active)}
          placeholder={!isRunning ? strings.placeholderOff : isBusy ? strings.placeholderBusy : strings.placeholder}
          value={draft.text.value}
          onInput={(event) => {
            draft.text.value = event.currentTarget.value;
            look(event);
          }}
          onClick={look}
          onBlur={suggestions.close}
          onKeyDown={onKeyDown}
          onPaste={(event) => void paste(event, panel)}
        />
        <PromptPreview />
        <div class="composer-actions">
          <IconButton icon="attach" label={strings.attach} disabled={!isRunning} onClick={() => void attach()} />
          <IconButton icon="mention" label={strings.mention} disabled={!isRunning} onClick={beginMention} />
          <span class="spacer" />
          {isBusy && (
            <IconButton
              icon="stop-circle"
              class="stop"
              label={session.isStopping.value ? strings.stopping : strings.stop}
              disabled={session.isStopping.value}
              onClick={() => void session.stop()}
            />
          )}
          {(!isBusy || !isEmpty) && (
            <IconButton
              icon="send"
              class="send"
              label={strings.send}
              disabled={isEmpty || isWaiting}
              onClick={() => void send()}
            />
          )}
        </div>
      </div>
    </form>
  );
}

function Chips({ panel: { draft, session, models }, onRemoved }: { panel: Panel; onRemoved: () => void }) {
  const model = session.figures.value?.model ?? "";
  const info = models.find(model);
  const attachments = draft.attachments.value;
  const refs = draft.refs.value;
  if (attachments.length + refs.length === 0) return null;
  return (
    <div class="chips">
      {attachments.map((attachment, index) => (
        <AttachmentChip
          key={`${index}-${attachment.name}`}
          attachment={attachment}
          warning={isAnyImage(attachment) && info?.images === false ? strings.noImages(info.name) : undefined}
          onRemove={() => {
            draft.detach(attachment);
            onRemoved();
          }}
        />
      ))}
      {refs.map((ref) => (
        <ContextChip
          key={ref.label}
          reference={ref}
          onRemove={() => {
            draft.forget(ref);
            onRemoved();
          }}
        />
      ))}
    </div>
  );
}

function isAnyImage({ mediaType }: Attachment): boolean {
  return mediaType.startsWith("image/");
}

interface Delivery {
  /** As it stood in the composer. */
  taken: Written;
  written: Written;
  said: Said;
  sessionKey: string;
}

/** Sends what was written; what could not be sent is in the composer again as it was taken from there. */
async function deliver({ session, draft }: Panel, { taken, written, said, sessionKey }: Delivery): Promise<void> {
  const runId = await session.send({ written, said, sessionKey });
  if (runId === undefined) draft.restore(taken, sessionKey);
  else draft.sent(runId, written.refs);
}

/** Puts the newest prompt into an empty composer; false when there is nothing to do. */
function recall({ draft, session }: Panel): boolean {
  const prompt = session.state.messages.value.findLast((message) => message.role === "user" && message.text !== "");
  if (draft.text.value !== "" || !prompt) return false;
  draft.text.value = prompt.text;
  return true;
}

async function paste(event: ClipboardEvent, panel: Panel): Promise<void> {
  const files = [...(event.clipboardData?.files ?? [])];
  if (files.length === 0 || isPictureOfText(event.clipboardData!)) return;
  event.preventDefault();
  const { attachments, refused } = await readGivenFiles(files);
  await takeAttachments(panel, attachments, refused);
}

/** Cells of a table or words of a document come with a picture of them, and the words are meant. */
function isPictureOfText(given: DataTransfer): boolean {
  const isPicture = [...given.files].every(({ type }) => type.startsWith("image/"));
  return isPicture && given.getData("text/html") !== "" && given.getData("text/plain").trim() !== "";
}
