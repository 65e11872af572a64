// Each letter is looked at once: a line may be long.
const GROUP = /\{((?:[^{},.]|\.(?!\.))*(?:,|\.\.)[^{}]*)\}/;
const GROUPS = new RegExp(GROUP, "g");
const RANGE = /^[^,]*\.\.[^,]*$/;

// Nobody lists as many files by braces.
const MOST_WORDS = 200;
const LONGEST = 4096;

// What counts outside of quotes alone is another letter in them until the words are told apart.
const FIRST_OTHER = 0xe000;

/**
 * The words that braces stand for in a POSIX shell's line: of ".{env,x}" ".env" and ".x". Of a range, and of more than a few
 * hundred words, a pattern that stands for them all. Coarse as `roughWords` is.
 */
export function braceWords(command: string): string[] {
  if (!GROUP.test(command)) return [];
  const bare = command.replace(
    /\\(.)|'([^']*)'|"((?:\\.|[^"\\])*)"/gs,
    (_, letter?: string, single?: string, double?: string) =>
      (letter ?? single ?? double ?? "").replace(/[\s{},;&|<>()]/g, toOther),
  );
  const words = bare.split(/[\s;&|<>()]+/).filter((word) => word.length < LONGEST && GROUP.test(word));
  return words.flatMap(expand).map((word) => word.replace(/[\ue000-\ue0ff]/g, fromOther));
}

function expand(word: string): string[] {
  let found = [word];
  while (found.some((one) => GROUP.test(one))) {
    found = found.flatMap((one) => {
      const group = GROUP.exec(one);
      if (!group) return [one];
      const [whole, inside = ""] = group;
      const [before, behind] = [one.slice(0, group.index), one.slice(group.index + whole.length)];
      const given = RANGE.test(inside) ? ["*"] : inside.split(",");
      return given.map((text) => before + text + behind);
    });
    if (found.length > MOST_WORDS) found = [toPattern(word)];
  }
  // "for i in {1..5}" names nothing.
  return found.filter((one) => /[^*]/.test(one));
}

function toPattern(word: string): string {
  let pattern = word;
  while (GROUP.test(pattern)) pattern = pattern.replace(GROUPS, "*");
  return pattern;
}

const toOther = (letter: string): string => String.fromCharCode(FIRST_OTHER + (letter.charCodeAt(0) & 0xff));
const fromOther = (letter: string): string => String.fromCharCode(letter.charCodeAt(0) - FIRST_OTHER);
