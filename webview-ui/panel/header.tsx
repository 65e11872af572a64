import type { RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { SessionState } from "../../src/protocol/session.ts";
import { createSession } from "../state/createSession.ts";
import { isComposing } from "../parts/composing.ts";
import { Icon, IconButton } from "../parts/icon.tsx";
import { usePanel } from "../state/panelContext.ts";
import { toTitle } from "../state/sessionList.ts";
import { SessionMenu } from "./sessionMenu.tsx";
import { SessionPicker } from "./sessionPicker.tsx";
import { StateDot } from "../parts/stateDot.tsx";
import { strings } from "../parts/strings.ts";

/** Which session is shown, and the way to the others. */
export function Header() {
  const panel = usePanel();
  const { session, sessions, gateway } = panel;
  const [isOpen, setOpen] = useState(false);
  const [renamed, setRenamed] = useState<string | undefined>();
  const [hasMenu, setMenu] = useState(false);
  const toggle = useRef<HTMLButtonElement>(null);
  const more = useRef<HTMLButtonElement>(null);
  const key = session.key.value;
  const isRenaming = renamed === key;
  const entry = sessions.entries.value.get(key);
  // Its own events tell earlier than the list does.
  const isWaiting = session.state.approvals.value.length > 0;
  const state = isWaiting ? "waiting" : session.isBusy.value ? "running" : (entry?.state ?? "idle");
  const parent = entry?.parentKey ? sessions.entries.value.get(entry.parentKey) : undefined;
  const waiting = [...sessions.entries.value.values()].filter(
    (other) => other.state === "waiting" && other.key !== key,
  );

  const create = () => session.attempt(() => createSession(panel));
  const close = (refocus: boolean) => {
    setOpen(false);
    if (refocus) toggle.current?.focus();
  };
  // What is shown anew is not being renamed anew.
  useLayoutEffect(() => setRenamed(undefined), [key]);
  const hasFocusBack = useRef(false);
  useLayoutEffect(() => {
    if (!isRenaming && hasFocusBack.current) toggle.current?.focus();
    hasFocusBack.current = false;
  }, [isRenaming]);
  const rename = (title: string | undefined, refocus: boolean) => {
    setRenamed(undefined);
    hasFocusBack.current = refocus;
    if (title === undefined || title === entry?.title) return;
    void session.attempt(async () => {
      await gateway.call("sessions.update", { sessionKey: key, title: title || null });
      await sessions.refresh();
    });
  };

  return (
    <header class="header">
      {parent && (
        <IconButton
          icon="arrow-left"
          label={strings.toParent(toTitle(parent))}
          onClick={() => void session.show(parent.key)}
        />
      )}
      {isRenaming ? (
        <TitleInput title={entry?.title ?? ""} onDone={rename} />
      ) : (
        <SessionToggle button={toggle} state={state} isOpen={isOpen} onClick={() => setOpen(!isOpen)}>
          {entry ? toTitle(entry) : key === "main" ? strings.mainSession : strings.session}
        </SessionToggle>
      )}
      <span class="header-actions">
        {waiting[0] && (
          <IconButton
            icon="bell-dot"
            class="attention"
            label={strings.waitingElsewhere(waiting.length)}
            onClick={() => void session.show(waiting[0]!.key)}
          />
        )}
        {!isRenaming && entry && <MoreButton button={more} isOpen={hasMenu} onClick={() => setMenu(!hasMenu)} />}
        <IconButton icon="add" label={strings.newSession} onClick={() => void create()} />
      </span>
      {session.isBusy.value && !isWaiting && <div class="progress" aria-hidden="true" />}
      {isOpen && <SessionPicker onClose={close} />}
      {hasMenu && entry && (
        <SessionMenu
          entry={entry}
          onRename={() => setRenamed(key)}
          onClose={(refocus) => {
            setMenu(false);
            if (refocus) more.current?.focus();
          }}
        />
      )}
    </header>
  );
}

interface OpenerProps {
  button: RefObject<HTMLButtonElement | null>;
  isOpen: boolean;
  onClick: () => void;
}

function SessionToggle({
  button,
  state,
  isOpen,
  onClick,
  children,
}: OpenerProps & { state: SessionState; children: string }) {
  return (
    <button
      type="button"
      class="session-toggle"
      ref={button}
      aria-haspopup="listbox"
      aria-expanded={isOpen}
      title={strings.chooseSession}
      onClick={onClick}
    >
      <StateDot state={state} />
      <span class="session-title">{children}</span>
      <Icon name="chevron-down" />
    </button>
  );
}

function MoreButton({ button, isOpen, onClick }: OpenerProps) {
  return (
    <button
      type="button"
      class="icon-button"
      ref={button}
      title={strings.moreActions}
      aria-label={strings.moreActions}
      aria-haspopup="menu"
      aria-expanded={isOpen}
      // The press that closes the menu does not open it anew.
      onPointerDown={(event) => event.stopPropagation()}
      onClick={onClick}
    >
      <Icon name="ellipsis" />
    </button>
  );
}

interface TitleProps {
  title: string;
  /** undefined: it stays as it is. */
  onDone(title: string | undefined, refocus: boolean): void;
}

function TitleInput({ title, onDone }: TitleProps) {
  // An input that is taken away says that it lost the focus.
  const isOver = useRef(false);
  useLayoutEffect(() => () => void (isOver.current = true), []);
  const end = (next: string | undefined, refocus: boolean) => {
    if (isOver.current) return;
    isOver.current = true;
    onDone(next, refocus);
  };
  const focus = (input: HTMLInputElement | null) => {
    if (input && document.activeElement !== input) input.select();
  };
  return (
    <input
      class="title-input"
      aria-label={strings.sessionTitle}
      defaultValue={title}
      ref={focus}
      onBlur={(event) => end(event.currentTarget.value.trim(), false)}
      onKeyDown={(event) => {
        if (isComposing(event)) return;
        if (event.key !== "Enter" && event.key !== "Escape") return;
        event.preventDefault();
        end(event.key === "Enter" ? event.currentTarget.value.trim() : undefined, true);
      }}
    />
  );
}
