import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { MOST_CARRIED } from "../../src/base/attachments/mostCarried.ts";
import type { Attachment } from "../../src/protocol/message.ts";
import { isComposing } from "../parts/composing.ts";
import { AttachmentChip } from "../parts/attachmentChip.tsx";
import { ContextChip } from "../parts/contextChip.tsx";
import { Icon, IconButton } from "../parts/icon.tsx";
import { usePanel, type Panel } from "../state/panelContext.ts";
import { takeAttachments } from "../state/takeAttachments.ts";
import { readGivenFiles } from "./givenFiles.ts";
import { mentions } from "./mentions.ts";
import { namedPrompts } from "./namedPrompts.ts";
import { PromptPreview } from "./promptPreview.tsx";
import { LIST_ID, optionId, SuggestionList } from "./suggestionList.tsx";
import { type Sending, useSending } from "./useSending.ts";
import { type Suggestions, useSuggestions } from "./useSuggestions.ts";
import { strings } from "../parts/strings.ts";

/** Where the next message is written. Enter sends, Shift+Enter breaks the line, Up recalls, Escape stops, @ lists what it can carry, / commands and prompts. */
export function Composer() {
  const panel = usePanel();
  const { session, draft, gatewayState } = panel;
  const input = useRef<HTMLTextAreaElement>(null);
  const write = ({ text, cursor }: { text: string; cursor: number }) => {
    // At once: a frame later the cursor would be taken from who types on.
    input.current!.value = text;
    input.current!.setSelectionRange(cursor, cursor);
    draft.type(text);
  };
  const suggestions = useSuggestions([namedPrompts(panel), mentions(panel)], write);
  useFocusRequests(input);
  const sending = useSending(suggestions.close);
  const { open } = suggestions;
  const isRunning = gatewayState.value.state === "running";
  const look = ({ currentTarget: { value, selectionEnd } }: { currentTarget: HTMLTextAreaElement }) =>
    void suggestions.look({ text: value, cursor: selectionEnd });
  const beginMention = () => {
    const { value, selectionEnd } = input.current!;
    const before = value.slice(0, selectionEnd);
    const text = `${before}${/(^|\s)$/.test(before) ? "" : " "}@`;
    write({ text: text + value.slice(selectionEnd), cursor: text.length });
    input.current!.focus();
    void suggestions.look({ text, cursor: text.length });
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void sending.send();
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
      <Waits sending={sending} />
      <div class="composer-box">
        <Chips panel={panel} onRemoved={() => input.current?.focus()} />
        <textarea
          ref={input}
          rows={1}
          aria-label={strings.composer}
          aria-autocomplete="list"
          aria-controls={open && LIST_ID}
          aria-activedescendant={open && optionId(open.active)}
          placeholder={
            !isRunning ? strings.placeholderOff : session.isBusy.value ? strings.placeholderBusy : strings.placeholder
          }
          value={draft.text.value}
          onInput={(event) => {
            leaveKeyboard(session);
            draft.type(event.currentTarget.value);
            look(event);
          }}
          onClick={look}
          onBlur={suggestions.close}
          onKeyDown={(event) => takeKey(event, panel, suggestions, sending)}
          onPaste={(event) => void paste(event, panel)}
        />
        <PromptPreview />
        <Actions sending={sending} onMention={beginMention} />
      </div>
    </form>
  );
}

/** A message that was found, and is on its way still, does not take the keyboard from who types. */
function leaveKeyboard({ found }: Panel["session"]): void {
  if (found.value) found.value = { ...found.value, leavesKeyboard: true };
}

/** The keyboard goes into the input where something asks for that. */
function useFocusRequests(input: RefObject<HTMLTextAreaElement | null>): void {
  const requests = usePanel().focusRequests.value;
  useLayoutEffect(() => {
    if (requests === 0) return;
    const focus = () => input.current?.focus();
    if (document.hasFocus()) return focus();
    // A page that loads slowly must not take the focus from a palette opened meanwhile: it waits until it is given it.
    window.addEventListener("focus", focus, { once: true });
    return () => window.removeEventListener("focus", focus);
  }, [requests]);
}

function takeKey(event: KeyboardEvent, panel: Panel, suggestions: Suggestions, { send, isWaiting }: Sending): void {
  const { draft } = panel;
  if (isComposing(event)) return;
  if (suggestions.takeKey(event, draft.text.value)) return;
  if (event.key === "Escape" && isWaiting) {
    draft.isWaiting.value = false;
    event.preventDefault();
  }
  if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.altKey) {
    event.preventDefault();
    // The rest of a press that did something else, and brought the keyboard here, sends nothing.
    if (!event.repeat) void send();
  }
  if (event.key === "ArrowUp" && recall(panel)) event.preventDefault();
  // One that is held to clear the text has its end with the text.
  const isOne = !event.repeat && !event.ctrlKey && !event.altKey && !event.metaKey;
  if (event.key === "Backspace" && isOne && draft.text.value === "" && draft.dropLast()) event.preventDefault();
}

/** What is not sent yet or cannot be, and why, and what is being done. */
function Waits({ sending: { isWaiting, canSend, doing } }: { sending: Sending }) {
  const { session, draft, gatewayState } = usePanel();
  const count = draft.attachments.value.length + draft.refs.value.length;
  const waitWords = () => {
    const { state } = gatewayState.value;
    if (draft.isReading.value) return strings.sendsOnceRead;
    return state === "starting" || state === "running" ? strings.sendsOnceConnected : strings.sendsOnceStarted;
  };
  return (
    <div role="status">
      {count > MOST_CARRIED && (
        <p class="waits">
          <Icon name="warning" />
          {strings.tooManyCarried(count)}
        </p>
      )}
      {isWaiting && !canSend && (
        <p class="waits">
          <Icon name="watch" />
          {waitWords()}
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
  );
}

function Actions({ sending, onMention }: { sending: Sending; onMention: () => void }) {
  const panel = usePanel();
  const { session, gatewayState, gateway } = panel;
  const isOff = gatewayState.value.state !== "running";
  const isBusy = session.isBusy.value;
  const { isEmpty, isWaiting, send } = sending;
  const attach = () => session.attempt(() => takeAttachments(panel, () => gateway.call("editor.pickFiles", {})));
  return (
    <div class="composer-actions">
      <IconButton icon="attach" label={strings.attach} disabled={isOff} onClick={() => void attach()} />
      <IconButton icon="mention" label={strings.mention} disabled={isOff} onClick={onMention} />
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
          disabled={isEmpty || isWaiting || session.phase.value === "deleted"}
          onClick={() => void send()}
        />
      )}
    </div>
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

/** Puts the newest prompt into an empty composer; false when there is nothing to do. */
function recall({ draft, session }: Panel): boolean {
  const prompt = session.state.messages.value.findLast((message) => message.role === "user" && message.text !== "");
  if (draft.text.value !== "" || !prompt) return false;
  draft.text.value = session.typed(prompt.runId, prompt.text);
  return true;
}

async function paste(event: ClipboardEvent, panel: Panel): Promise<void> {
  const files = [...(event.clipboardData?.files ?? [])];
  if (files.length === 0 || isPictureOfText(event.clipboardData!)) return;
  event.preventDefault();
  await panel.session.attempt(() => takeAttachments(panel, () => readGivenFiles(files)));
}

/** Cells of a table or words of a document come with a picture of them, and the words are meant. */
function isPictureOfText(given: DataTransfer): boolean {
  const isPicture = [...given.files].every(({ type }) => type.startsWith("image/"));
  return isPicture && given.getData("text/html") !== "" && given.getData("text/plain").trim() !== "";
}
