import { useEffect, useRef } from "preact/hooks";
import type { Attachment } from "../../src/protocol/message.ts";
import { AttachmentChip } from "../parts/attachmentChip.tsx";
import { IconButton } from "../parts/icon.tsx";
import { usePanel, type Panel } from "../state/panelContext.ts";
import { readPastedImages } from "./pastedImages.ts";
import { strings } from "../parts/strings.ts";

/** Where the next message is written. Enter sends, Shift+Enter breaks the line, Up recalls, Escape stops. */
export function Composer() {
  const panel = usePanel();
  const { session, draft, gatewayState, focusRequests, gateway } = panel;
  const input = useRef<HTMLTextAreaElement>(null);
  const isRunning = gatewayState.value.state === "running";
  const isBusy = session.isBusy.value;
  const isEmpty = draft.text.value.trim() === "";
  const requests = focusRequests.value;

  useEffect(() => {
    if (requests === 0) return;
    const focus = () => input.current?.focus();
    if (document.hasFocus()) return focus();
    // A page that loads slowly must not take the focus from a palette opened meanwhile: it waits until it is given it.
    window.addEventListener("focus", focus, { once: true });
    return () => window.removeEventListener("focus", focus);
  }, [requests]);

  const send = async () => {
    if (isEmpty || !isRunning || session.phase.value !== "ready") return;
    if (isTooLarge(draft.text.value, draft.attachments.value)) {
      session.problem.value = strings.messageTooLarge;
      return;
    }
    const taken = draft.take();
    session.problem.value = undefined;
    if (!(await session.send(taken.text, taken.attachments))) draft.restore(taken);
  };
  const attach = () =>
    session.attempt(async () => draft.attach(...(await gateway.call("editor.pickFiles", {})).attachments));
  const onKeyDown = (event: KeyboardEvent) => {
    // While an input method composes, Enter and the arrows belong to it; 229 is how it says so in the last event.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.altKey) {
      event.preventDefault();
      void send();
    }
    if (event.key === "ArrowUp" && recall(panel)) event.preventDefault();
  };

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <div class="composer-box">
        <Chips panel={panel} />
        <textarea
          ref={input}
          rows={1}
          aria-label={strings.composer}
          placeholder={!isRunning ? strings.placeholderOff : isBusy ? strings.placeholderBusy : strings.placeholder}
          value={draft.text.value}
          onInput={(event) => (draft.text.value = event.currentTarget.value)}
          onKeyDown={onKeyDown}
          onPaste={(event) => void paste(event, panel)}
        />
        <div class="composer-actions">
          <IconButton icon="attach" label={strings.attach} disabled={!isRunning} onClick={() => void attach()} />
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
              disabled={isEmpty || !isRunning}
              onClick={() => void send()}
            />
          )}
        </div>
      </div>
    </form>
  );
}

function Chips({ panel: { draft, session, models } }: { panel: Panel }) {
  const model = session.figures.value?.model ?? "";
  const info = models.find(model);
  const attachments = draft.attachments.value;
  if (attachments.length === 0) return null;
  return (
    <div class="chips">
      {attachments.map((attachment, index) => (
        <AttachmentChip
          key={`${index}-${attachment.name}`}
          attachment={attachment}
          warning={isImage(attachment) && info?.images === false ? strings.noImages(info.name) : undefined}
          onRemove={() => draft.detach(attachment)}
        />
      ))}
    </div>
  );
}

function isImage({ mediaType }: Attachment): boolean {
  return mediaType.startsWith("image/");
}

/** Puts the newest prompt into an empty composer; false when there is nothing to do. */
function recall({ draft, session }: Panel): boolean {
  const prompt = session.state.messages.value.findLast((message) => message.role === "user" && message.text !== "");
  if (draft.text.value !== "" || !prompt) return false;
  draft.text.value = prompt.text;
  return true;
}

async function paste(event: ClipboardEvent, { draft, session }: Panel): Promise<void> {
  const files = [...(event.clipboardData?.files ?? [])];
  if (files.length === 0) return;
  event.preventDefault();
  const { images, tooLarge } = await readPastedImages(files);
  draft.attach(...images);
  if (tooLarge[0]) session.problem.value = strings.imageTooLarge(tooLarge[0]);
}

/** The gateway takes frames of 1 MiB; what else is in the frame needs less than the difference. */
const MOST_BYTES = 1_000_000;

/** Whether a message is more than one frame holds: the gateway would cut the wire at it. */
function isTooLarge(text: string, attachments: Attachment[]): boolean {
  return new TextEncoder().encode(JSON.stringify([text, attachments])).length > MOST_BYTES;
}
