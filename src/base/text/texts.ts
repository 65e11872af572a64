import { once } from "../oncePer.ts";

/** A language, and texts in it by their English. */
export interface Language {
  /** As the editor names it: "de", "pt-br". Numbers and times are written as it writes them. */
  language: string;
  /** Empty where there are none in this language: then all is said in English. */
  texts: Record<string, string>;
}

/** What says things in a language. The English of a text is its key; a literal, so that a test finds what has no words yet. */
export interface Texts {
  /** As the numbers and times in its texts are written. */
  language: string;
  /** What its texts are in: English where there are none in `language`. */
  spoken: string;
  /** `{0}` and so on are filled with values, numbers as the language writes them. */
  t(english: string, ...values: (string | number)[]): string;
  /** An English text that other languages say in several ways; `about` says which is meant. */
  tAs(about: string, english: string): string;
  /**
   * One of two English texts for a count, which is `{0}`. A language with more forms has them under the second text and the
   * form's name: "{0} files/few".
   */
  plural(count: number, one: string, other: string): string;
  /** "a, b and c". */
  listed(words: string[]): string;
  /** "1,234.5", with `digits` after the point where they are given. */
  number(value: number, digits?: number): string;
  /** "$1.23", and of less than ten cents "$0.0042". */
  dollars(amount: number): string;
  /** The same, "≥ $1.23" where only some of what was used has a known cost; undefined where nothing has. */
  cost(used: { costUsd: number | null; knownUsd?: number | undefined }): string | undefined;
}

/** What is said, and so to be pronounced: English, where there is nothing in the language. */
export function spokenIn({ language, texts }: Language): string {
  return Object.keys(texts).length > 0 ? language : "en";
}

export function createTexts(given: Language): Texts {
  const { language, texts } = given;
  const spoken = spokenIn(given);
  // Each reads tables of its language: 12 ms for the three, which the start of an editor would wait for.
  const plurals = once(() => new Intl.PluralRules(spoken));
  const lists = once(() => new Intl.ListFormat(spoken, { type: "conjunction" }));
  const numbers = once(() => new Intl.NumberFormat(language));
  const fill = (text: string, values: (string | number)[]) =>
    text.replaceAll(/\{(\d)\}/g, (whole, index: string) => {
      const value = values[Number(index)];
      return typeof value === "number" ? numbers().format(value) : (value ?? whole);
    });
  const dollars = (amount: number) => {
    const digits = amount > 0 && amount < 0.1 ? 4 : 2;
    const money = { style: "currency", currency: "USD", currencyDisplay: "narrowSymbol" } as const;
    return withDigits(language, digits, money).format(amount);
  };
  return {
    language,
    spoken,
    t: (english, ...values) => fill(texts[english] ?? english, values),
    tAs: (about, english) => texts[`${english}/${about}`] ?? english,
    plural(count, one, other) {
      const form = plurals().select(count);
      const english = form === "one" ? one : other;
      return fill(texts[`${other}/${form}`] ?? texts[english] ?? english, [count]);
    },
    listed: (words) => lists().format(words),
    number: (value, digits) => (digits === undefined ? numbers() : withDigits(language, digits)).format(value),
    dollars,
    cost: ({ costUsd, knownUsd }) =>
      costUsd === null ? (knownUsd === undefined ? undefined : `≥ ${dollars(knownUsd)}`) : dollars(costUsd),
  };
}

function withDigits(language: string, digits: number, more: Intl.NumberFormatOptions = {}): Intl.NumberFormat {
  return new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits, ...more });
}
