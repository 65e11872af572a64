import { computed, signal } from "@preact/signals";
import { keep, kept } from "./phoneMemory.ts";

/** Something that is said: in the same way once more, it counts once. */
export interface Saying {
  message: string;
  idempotencyKey: string;
  /** The run that it is said to. */
  runId?: string | undefined;
}

interface KeptDraft {
  text: string;
  unsure?: Saying | undefined;
}

export type PhoneDrafts = ReturnType<typeof createPhoneDrafts>;
export type PhoneDraft = ReturnType<typeof openDraft>;

/** What is written in the sessions, in each its own, and not known to be taken. */
export function createPhoneDrafts() {
  const open = new Map<string, PhoneDraft>();
  return {
    of(key: string): PhoneDraft {
      const draft = open.get(key) ?? openDraft(`draft ${key}`);
      open.set(key, draft);
      return draft;
    },
    /** Nothing of it stays, nor comes back of what is on its way. */
    forget() {
      for (const draft of open.values()) draft.forget();
      open.clear();
    },
  };
}

function openDraft(name: string) {
  const before = (kept(name) ?? { text: "" }) as KeptDraft;
  const text = signal(before.text);
  const onItsWay = signal<Saying | undefined>();
  // It may have been taken, though nobody could tell.
  let { unsure } = before;
  let isForgotten = false;
  const store = (): void => {
    if (isForgotten) return;
    // A page that is loaded anew cannot tell what became of what was on its way.
    const whole = joined(onItsWay.value?.message, text.value);
    keep(name, whole === "" ? undefined : ({ text: whole, unsure: onItsWay.value ?? unsure } satisfies KeptDraft));
  };
  return {
    text,
    isOnItsWay: computed(() => onItsWay.value !== undefined),
    write(next: string) {
      text.value = next;
      if (next === "") unsure = undefined;
      store();
    },
    /** Empties it and gives what it held, to be said to this run: as before, where that may have been taken. */
    take(runId: string | undefined): Saying {
      const message = text.value;
      const saying = unsure?.message === message ? unsure : { message, idempotencyKey: crypto.randomUUID(), runId };
      unsure = undefined;
      text.value = "";
      onItsWay.value = saying;
      store();
      return saying;
    },
    taken() {
      onItsWay.value = undefined;
      store();
    },
    /** Puts it before what is written by now. `isRefused`: it was not taken. */
    putBack(saying: Saying, isRefused: boolean) {
      if (isForgotten) return;
      unsure = isRefused ? undefined : saying;
      text.value = joined(saying.message, text.value);
      onItsWay.value = undefined;
      store();
    },
    forget() {
      isForgotten = true;
    },
  };
}

function joined(...texts: (string | undefined)[]): string {
  return texts.filter((one) => one !== undefined && one !== "").join("\n\n");
}
