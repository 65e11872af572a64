import { parsePattern, type Term } from "./patternTerms.ts";
import { type Steps, take } from "./steps.ts";

/** A regular expression that takes time in proportion to its text, whatever it says. */
export interface LinearPattern {
  /** Whether it matches anywhere in the text. Throws OutOfSteps. */
  test(text: string, steps: Steps): boolean;
}

type Instruction =
  | { op: "one"; matches: (letter: string) => boolean }
  | { op: "split"; to: number[] }
  | { op: "assert"; holds: (letters: string[], at: number) => boolean }
  | { op: "look"; from: number; negated: boolean }
  | { op: "end" };

const MOST_INSTRUCTIONS = 5000;

/** Throws an Error with a sentence for what is no pattern, and for what cannot be matched so: back references, looking behind. */
export function linearPattern(source: string): LinearPattern {
  const program: Instruction[] = [];
  const start = assemble(program, parsePattern(source), add(program, { op: "end" }));
  return { test: (text, steps) => matchesAnywhere(program, start, [...text], steps) };
}

function add(program: Instruction[], instruction: Instruction): number {
  if (program.length >= MOST_INSTRUCTIONS) throw new Error("it is too long when its counts are written out");
  return program.push(instruction) - 1;
}

/** Puts the terms down so that they go on at `next`; returns where they begin. */
function assemble(program: Instruction[], term: Term, next: number): number {
  switch (term.kind) {
    case "one":
      // The one after it is always the next to be looked at: a jump where that is not so.
      return place(program, { op: "one", matches: term.matches }, next);
    case "assert":
      return place(program, { op: "assert", holds: term.holds }, next);
    case "look": {
      const from = assemble(program, term.of, add(program, { op: "end" }));
      return place(program, { op: "look", from, negated: term.negated }, next);
    }
    case "all":
      return term.of.reduceRight((after, one) => assemble(program, one, after), next);
    case "any":
      return add(program, { op: "split", to: term.of.map((one) => assemble(program, one, next)) });
    case "repeat":
      return repeated(program, term, next);
  }
}

/** An instruction and, right behind it, where it goes on. */
function place(program: Instruction[], instruction: Instruction, next: number): number {
  const at = add(program, instruction);
  add(program, { op: "split", to: [next] });
  return at;
}

function repeated(program: Instruction[], { of, min, max }: Extract<Term, { kind: "repeat" }>, next: number): number {
  let after = next;
  if (max === Infinity) {
    const again: { op: "split"; to: number[] } = { op: "split", to: [next] };
    after = add(program, again);
    again.to.unshift(assemble(program, of, after));
  } else {
    for (let count = min; count < max; count += 1)
      after = add(program, { op: "split", to: [assemble(program, of, after), next] });
  }
  for (let count = 0; count < min; count += 1) after = assemble(program, of, after);
  return after;
}

function matchesAnywhere(program: Instruction[], start: number, letters: string[], steps: Steps): boolean {
  const dead = new Set<number>();
  for (let at = 0; at <= letters.length; at += 1) if (reaches(start, at, dead)) return true;
  return false;

  /** Whether the end can be come to from there. No place is looked at twice: what did not lead there never does. */
  function reaches(from: number, place: number, seen: Set<number>): boolean {
    const open: [number, number][] = [[from, place]];
    for (let next = open.pop(); next; next = open.pop()) {
      const [pc, at] = next;
      const key = pc * (letters.length + 1) + at;
      if (seen.has(key)) continue;
      seen.add(key);
      take(steps);
      const instruction = program[pc]!;
      if (instruction.op === "end") return true;
      if (instruction.op === "split") for (const to of instruction.to.toReversed()) open.push([to, at]);
      else if (goesOn(instruction, at)) open.push([pc + 1, instruction.op === "one" ? at + 1 : at]);
    }
    return false;
  }

  function goesOn(instruction: Exclude<Instruction, { op: "split" | "end" }>, at: number): boolean {
    if (instruction.op === "assert") return instruction.holds(letters, at);
    if (instruction.op === "look") return reaches(instruction.from, at, new Set()) !== instruction.negated;
    return at < letters.length && instruction.matches(letters[at]!);
  }
}
