import { useLayoutEffect, useRef } from "preact/hooks";
import { Icon } from "../parts/icon.tsx";
import type { Suggestion } from "./suggestion.ts";

interface SuggestionListProps {
  label: string;
  items: Suggestion[];
  active: number;
  onActive(index: number): void;
  onTake(index: number): void;
}

export const LIST_ID = "suggestions";

export const optionId = (index: number): string => `suggestion-${index}`;

/** What the cursor's word offers, above the composer. The focus stays in the composer, which moves through it. */
export function SuggestionList({ label, items, active, onActive, onTake }: SuggestionListProps) {
  const list = useRef<HTMLUListElement>(null);
  useLayoutEffect(() => list.current?.children[active]?.scrollIntoView({ block: "nearest" }), [active, items]);
  return (
    <ul class="suggestions" id={LIST_ID} role="listbox" aria-label={label} ref={list}>
      {items.map(({ id, icon, label: name, detail }, index) => (
        <li
          key={id}
          id={optionId(index)}
          role="option"
          aria-selected={index === active}
          class={`suggestion${index === active ? " active" : ""}`}
          title={detail ? `${name} – ${detail}` : name}
          onPointerMove={() => onActive(index)}
          // The focus stays where one types.
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => onTake(index)}
        >
          <Icon name={icon} />
          <span class="suggestion-name">{name}</span>
          {detail && <span class="suggestion-detail">{detail}</span>}
        </li>
      ))}
    </ul>
  );
}
