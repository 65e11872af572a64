import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { defined } from "../../src/base/defined.ts";
import { toFoundAt } from "../../src/protocol/panel/foundAt.ts";
import type { Session } from "../../src/protocol/session.ts";
import { isComposing } from "../parts/composing.ts";
import { toAge } from "../parts/format.ts";
import { type Panel, usePanel } from "../state/panelContext.ts";
import { toTitle } from "../state/sessionList.ts";
import { StateDot } from "../parts/stateDot.tsx";
import { strings } from "../parts/strings.ts";
import { Icon } from "../parts/icon.tsx";
import { SessionMenu } from "./sessionMenu.tsx";
import { type Said, type SessionGroup, type ShownSession, toFound, toGroups } from "./sessionGroups.ts";

// Between two letters of somebody who types.
const PAUSE_MS = 150;
const MOST = 30;

interface Props {
  onClose: (refocus: boolean) => void;
}

/** The list under the header: typing finds by title and by what was said, arrows move, Enter opens, at what was found, Escape or a click elsewhere closes. */
export function SessionPicker({ onClose }: Props) {
  const panel = usePanel();
  const { session, sessions, folders } = panel;
  const box = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const [words, setWords] = useState("");
  const said = useSaid(words);
  const tree = sessions.tree.value;
  const groups = words === "" ? toGroups(tree, folders.value, Date.now()) : toFound(tree, words, said.found);
  const entries = groups.flatMap((group) => group.entries);
  const [active, setActive] = useState(-1);
  const [menu, setMenu] = useState<{ entry: Session; top: number } | undefined>();
  const shown =
    active >= 0 ? Math.min(active, entries.length - 1) : words === "" ? currentOf(entries, session.key.value) : 0;

  useLayoutEffect(() => {
    input.current?.focus();
    void session.attempt(() => sessions.refresh());
    const closeOutside = (event: PointerEvent) => {
      const header = box.current?.closest("header");
      if (header && !header.contains(event.target as Node)) onClose(false);
    };
    document.addEventListener("pointerdown", closeOutside);
    return () => document.removeEventListener("pointerdown", closeOutside);
  }, []);
  useLayoutEffect(
    () => document.getElementById(`session-${shown}`)?.scrollIntoView({ block: "nearest" }),
    [shown, words],
  );

  const openMenu = (index: number) => {
    const option = document.getElementById(`session-${index}`);
    const entry = entries[index];
    if (option && entry && box.current) setMenu({ entry, top: placeBelow(option, box.current) });
  };
  const open = (index: number) => show(panel, entries[index], onClose);
  /** Enter came before what is looked for was found. */
  const [isAccepted, setAccepted] = useState(false);
  useEffect(() => {
    if (!isAccepted || said.words !== words) return;
    setAccepted(false);
    if (entries.length > 0) open(shown);
  }, [isAccepted, said.words, words]);
  const accept = () => {
    // What was found for other words is still there; a title or what was moved to is what is meant.
    const isOther = said.words !== words && active < 0 && entries[shown]?.snippet !== undefined;
    if (isOther || (said.words !== words && entries.length === 0)) setAccepted(true);
    else open(shown);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event)) return;
    const next = toNext(event.key, shown, entries.length);
    if (next !== undefined) setActive(next);
    else if (event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey)) openMenu(shown);
    else if (event.key === "Enter") accept();
    else if (event.key === "Escape") onClose(true);
    else if (event.key === "Tab") return onClose(false);
    else return;
    event.preventDefault();
  };

  return (
    <div class="session-picker" ref={box}>
      <input
        ref={input}
        class="session-search"
        role="combobox"
        aria-label={strings.findSession}
        aria-expanded="true"
        aria-controls="session-list"
        aria-autocomplete="list"
        aria-keyshortcuts="Shift+F10"
        aria-description={strings.actionsHint}
        aria-activedescendant={entries.length > 0 ? `session-${shown}` : undefined}
        placeholder={strings.findSession}
        value={words}
        onInput={(event) => {
          setWords(event.currentTarget.value.trimStart());
          setActive(-1);
          setAccepted(false);
        }}
        onKeyDown={onKeyDown}
      />
      <SessionOptions groups={groups} shown={shown} onActive={setActive} onOpen={open} onMenu={openMenu} />
      {entries.length === 0 && <p class="session-none">{strings.noSessionFound}</p>}
      {menu && (
        <SessionMenu
          {...menu}
          onClose={() => {
            setMenu(undefined);
            input.current?.focus();
          }}
        />
      )}
    </div>
  );
}

function show({ session, focusRequests }: Panel, entry: ShownSession | undefined, onClose: Props["onClose"]): void {
  // What was found takes the keyboard itself.
  onClose(entry?.found !== undefined);
  if (!entry) return;
  void session.show(entry.key, entry.found);
  if (!entry.found) focusRequests.value++;
}

interface OptionsProps {
  groups: SessionGroup[];
  shown: number;
  onActive(index: number): void;
  onOpen(index: number): void;
  onMenu(index: number): void;
}

function SessionOptions({ groups, shown, onActive, onOpen, onMenu }: OptionsProps) {
  const { session } = usePanel();
  let at = 0;
  return (
    <div class="session-list" id="session-list" role="listbox" aria-label={strings.sessions}>
      {groups.map(({ label, entries }) => (
        <div role="group" aria-label={label} key={label}>
          <div class="session-group" aria-hidden="true">
            {label}
          </div>
          {entries.map((entry) => {
            const index = at++;
            return (
              <div
                key={entry.key}
                id={`session-${index}`}
                role="option"
                aria-selected={entry.key === session.key.value}
                class={`session-option depth-${Math.min(entry.depth, 3)}${index === shown ? " active" : ""}`}
                onPointerMove={() => onActive(index)}
                onClick={() => onOpen(index)}
                onContextMenu={(event) => {
                  event.preventDefault();
                  onMenu(index);
                }}
              >
                <StateDot state={entry.state} />
                <span class="session-title">{toTitle(entry)}</span>
                {entry.pinned && <Icon name="pinned" />}
                <span class="session-age">{toAge(entry.updatedAt)}</span>
                {/* For the mouse: the keyboard has Shift+F10, and an option holds no buttons. */}
                <span
                  class="session-more codicon codicon-ellipsis"
                  aria-hidden="true"
                  title={strings.moreActions}
                  onClick={(event) => {
                    event.stopPropagation();
                    onMenu(index);
                  }}
                />
                {entry.snippet && <span class="session-snippet">{entry.snippet}</span>}
              </div>
            );
          })}
        </div>
      ))}
    </div>
  );
}

/** What was found last, and for which words. */
interface Heard {
  words: string;
  found: Said[];
}

/** Messages that hold what was typed, as the gateway finds them: asked for when the typing pauses. */
function useSaid(words: string): Heard {
  const { gateway, session } = usePanel();
  const [said, setSaid] = useState<Heard>({ words: "", found: [] });
  useEffect(() => {
    if (words.length < 2) return setSaid({ words, found: [] });
    let isWanted = true;
    const look = async () => {
      let found: Said[] = [];
      await session.attempt(
        async () => {
          const { results } = await gateway.call("sessions.search", { query: words.slice(0, 500), limit: MOST });
          found = results.map(({ session: one, matches }) => ({
            ...{ session: one, snippet: matches[0]?.snippet ?? "" },
            ...defined({ found: toFoundAt(matches) }),
          }));
        },
        () => isWanted,
      );
      // An answer that comes late is about other words.
      if (isWanted) setSaid({ words, found });
    };
    const timer = setTimeout(() => void look(), PAUSE_MS);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [words]);
  return said;
}

// Of the menu, which is never taller.
const MENU_PX = 190;

/** Beneath the option, or as low as there is room. */
function placeBelow(option: HTMLElement, box: HTMLElement): number {
  const room = window.innerHeight - MENU_PX;
  return Math.max(0, Math.min(option.getBoundingClientRect().bottom, room) - box.getBoundingClientRect().top);
}

function currentOf(entries: ShownSession[], key: string): number {
  return Math.max(
    0,
    entries.findIndex((entry) => entry.key === key),
  );
}

function toNext(key: string, active: number, count: number): number | undefined {
  if (key === "ArrowDown") return Math.min(active + 1, count - 1);
  if (key === "ArrowUp") return Math.max(active - 1, 0);
  if (key === "PageDown") return Math.min(active + 8, count - 1);
  if (key === "PageUp") return Math.max(active - 8, 0);
  return undefined;
}
