import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { toMilliseconds, toMoment } from "../../src/cli/terminal/durations.ts";
import { readEvents } from "../../src/client/eventStream.ts";
import { openLogFile } from "../../src/cli/terminal/logFile.ts";
import { addFolder, toFolder, toFolderThere, toFolderPath } from "../../src/cli/terminal/givenPlaces.ts";
import { relativeTime, spentTime } from "../../src/cli/terminal/timeWords.ts";
import { toTable } from "../../src/cli/terminal/table.ts";
import { expectMode } from "../posix.ts";

describe("a table", () => {
  test("is aligned, wide characters and hidden ones included", () => {
    expect(
      toTable(
        ["A", "B", "C"],
        [
          ["日本", 1, null],
          ["x", "two\nlines", "\u202eevil"],
        ],
      ),
    ).toBe("A     B            C\n日本  1            -\nx     two ⏎ lines  \\u{202e}evil");
  });

  test("is cut to the terminal", () => {
    expect(toTable(["NAME", "TEXT"], [["a", "0123456789"]], 12)).toBe("NAME  TEXT\na     01234…");
  });
});

test("times are told from now", () => {
  const now = Date.parse("2026-11-22T12:00:00Z");
  const told = [
    "2026-11-22T11:59:59.900Z",
    "2026-11-22T11:59:30Z",
    "2026-11-22T13:59:00Z",
    "2026-11-19T12:00:00Z",
    "",
    null,
  ];
  expect(told.map((time) => relativeTime(time, now))).toEqual(["now", "30s ago", "in 1h", "3d ago", "-", "-"]);
  expect([850, 12_400, 200_000].map(spentTime)).toEqual(["850ms", "12s", "3m 20s"]);
});

test("durations and moments", () => {
  expect(["90s", "1.5h", "2 d", "500ms"].map(toMilliseconds)).toEqual([90_000, 5_400_000, 172_800_000, 500]);
  for (const text of ["", "5", "h", "-5m", "5 weeks"]) expect(() => toMilliseconds(text)).toThrow(/Write a duration/);
  expect(toMoment("2026-12-24T18:00:00Z")).toBe("2026-12-24T18:00:00.000Z");
  const before = Date.now();
  const moment = Date.parse(toMoment("20m")) - 1_200_000;
  expect(moment).toBeGreaterThanOrEqual(before);
  expect(moment).toBeLessThanOrEqual(Date.now());
  const none = ["2026-02-30T10:00", "2027-02-29", "2026-06-31T10:00:00Z", "999999999d"];
  for (const text of ["tomorrow", "2026-99-99", "12", ...none]) expect(() => toMoment(text)).toThrow(/Write a moment/);
});

test("a moment without an offset, a bare day too, is one of the machine's zone", () => {
  const { TZ } = process.env;
  onTestFinished(() => {
    if (TZ === undefined) delete process.env["TZ"];
    else process.env["TZ"] = TZ;
  });
  process.env["TZ"] = "America/New_York";
  expect(["2026-12-24T18:00", "2026-12-24"].map(toMoment)).toEqual([
    "2026-12-24T23:00:00.000Z",
    "2026-12-24T05:00:00.000Z",
  ]);
});

test("events are read however the stream is cut, its comments left out", async () => {
  const text = ': open\n\nid: 1\nevent: a\ndata: {"type":"é"}\n\ndata: {"type":\ndata: "b"}\r\n\r\n: keep\n\n';
  for (const size of [1, 3, 7, 1000]) {
    const bytes = Buffer.from(text);
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      bytes.subarray(index * size, (index + 1) * size),
    );
    const types: string[] = [];
    for await (const event of readEvents(Readable.from(chunks, { objectMode: false }))) types.push(event.type);
    expect(types).toEqual(["é", "b"]);
  }
});

describe("a log file", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "pincer-log-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test("is set aside when it has grown, the oldest going", () => {
    const path = join(folder, "gateway.log");
    const write = openLogFile(path, { maxBytes: 20, files: 3 });
    for (let index = 0; index < 10; index++) write(`line ${index}xx`);
    expect(readdirSync(folder).sort()).toEqual(["gateway.log", "gateway.log.1", "gateway.log.2"]);
    const texts = ["gateway.log.2", "gateway.log.1", "gateway.log"].map((name) =>
      readFileSync(join(folder, name), "utf8"),
    );
    expect(texts).toEqual(["line 4xx\nline 5xx\n", "line 6xx\nline 7xx\n", "line 8xx\nline 9xx\n"]);
    expectMode(path, 0o600);
  });

  test("goes on from what is there, and never throws", () => {
    const path = join(folder, "gateway.log");
    openLogFile(path)("one");
    openLogFile(path)("two");
    expect(readFileSync(path, "utf8")).toBe("one\ntwo\n");
    openLogFile(join(folder, "missing", "gateway.log"))("lost");
  });
});

test("no folder is not the folder that one happens to be in", () => {
  for (const blank of ["", "  "])
    for (const read of [toFolder, toFolderThere, toFolderPath, addFolder])
      expect(() => read(blank)).toThrow("The path of a folder is wanted, and this is blank.");
  expect(toFolderPath("state")).toBe(join(process.cwd(), "state"));
});

test("a folder is told to the gateway as a whole path, of whichever system", () => {
  const told = [".", "src", "/srv/site", "C:\\site"].map(toFolderThere);
  expect(told).toEqual([process.cwd(), join(process.cwd(), "src"), "/srv/site", "C:\\site"]);
});
