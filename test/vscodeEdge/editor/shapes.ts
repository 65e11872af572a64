// What of `vscode` only holds what it is given.

export class ThemeColor {
  readonly id: string;
  constructor(id: string) {
    this.id = id;
  }
}

export class ThemeIcon {
  readonly id: string;
  readonly color: ThemeColor | undefined;
  constructor(id: string, color?: ThemeColor) {
    this.id = id;
    this.color = color;
  }
}

export class RelativePattern {
  readonly baseUri: unknown;
  readonly pattern: string;
  constructor(baseUri: unknown, pattern: string) {
    this.baseUri = baseUri;
    this.pattern = pattern;
  }
}

export class MarkdownString {
  value: string;
  isTrusted?: { enabledCommands: string[] };
  constructor(value = "") {
    this.value = value;
  }
  appendText(text: string): this {
    this.value += text.replaceAll(" ", "&nbsp;");
    return this;
  }
  appendCodeblock(code: string): this {
    this.value += code;
    return this;
  }
  appendMarkdown(text: string): this {
    this.value += text;
    return this;
  }
}

export class CodeLens {
  readonly range: Range;
  readonly command: { title: string; command: string; arguments: unknown[] };
  constructor(range: Range, command: CodeLens["command"]) {
    this.range = range;
    this.command = command;
  }
}

export class Hover {
  readonly contents: MarkdownString;
  constructor(contents: MarkdownString) {
    this.contents = contents;
  }
}

export class TreeItem {
  readonly label: string;
  collapsibleState: number;
  constructor(label: string, collapsibleState = 0) {
    this.label = label;
    this.collapsibleState = collapsibleState;
  }
}

export class Position {
  readonly line: number;
  readonly character: number;
  constructor(line: number, character: number) {
    this.line = line;
    this.character = character;
  }
}

export class Range {
  readonly start: Position;
  readonly end: Position;
  constructor(...given: [start: Position, end: Position] | [number, number, number, number]) {
    const [start, end] =
      given.length === 2 ? given : [new Position(given[0], given[1]), new Position(given[2], given[3])];
    this.start = start;
    this.end = end;
  }
}

export class Diagnostic {
  readonly range: Range;
  readonly message: string;
  readonly severity: number;
  source?: string;
  constructor(range: Range, message: string, severity: number) {
    this.range = range;
    this.message = message;
    this.severity = severity;
  }
}
