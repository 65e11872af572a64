import { useLayoutEffect, useRef } from "preact/hooks";
import { IconButton } from "../parts/icon.tsx";
import { isComposing } from "../parts/composing.ts";
import { usePanel } from "../state/panelContext.ts";
import { strings } from "../parts/strings.ts";

/** Words to be found in the messages: Enter goes on to the next, Shift+Enter back, Escape returns to the composer. */
export function FindBar() {
  const { find } = usePanel();
  return find.isOpen.value ? <OpenBar /> : null;
}

function OpenBar() {
  const { find, focusRequests } = usePanel();
  const input = useRef<HTMLInputElement>(null);
  const count = find.matches.value.length;
  const close = () => {
    find.close();
    focusRequests.value++;
  };
  useLayoutEffect(() => input.current?.select(), [find.asked.value]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event)) return;
    if (event.key === "Escape") close();
    else if (event.key === "Enter" && event.target === input.current) (event.shiftKey ? find.previous : find.next)();
    else return;
    event.preventDefault();
  };
  return (
    <div class="find-bar" role="search" aria-label={strings.find} onKeyDown={onKeyDown}>
      <input
        ref={input}
        class="session-search"
        aria-label={strings.find}
        placeholder={strings.find}
        value={find.words.value}
        onInput={(event) => find.look(event.currentTarget.value)}
      />
      <span class="find-count" role="status">
        {find.words.value === ""
          ? ""
          : `${count === 0 ? strings.noneFound : strings.foundAt(find.at.value + 1, count)}${find.isLoading.value ? "…" : ""}`}
      </span>
      <IconButton icon="arrow-up" label={strings.findPrevious} disabled={count === 0} onClick={find.previous} />
      <IconButton icon="arrow-down" label={strings.findNext} disabled={count === 0} onClick={find.next} />
      <IconButton icon="close" label={strings.closeFind} onClick={close} />
    </div>
  );
}
