import { expect, test } from "vitest";
import type { NextFirings } from "../../../src/protocol/job.ts";
import { firingsPage } from "../../../src/vscode/pages/firingsPage.ts";

const locale = { language: "en", timeZone: "Europe/Berlin", now: Date.parse("2027-10-30T10:00:00Z") };
const words = { title: "When jobs fire", retry: "retry", waiting: "When something happens", none: "No job is on." };

test("a day for each heading and a line for each firing, in the zone that the clocks show", () => {
  const firing = (name: string, at: string, cause: "schedule" | "retry" = "schedule") => ({
    jobId: `job_${name}`,
    name,
    slot: at,
    at,
    cause,
  });
  const next: NextFirings = {
    firings: [
      firing("Report", "2027-10-30T22:30:00.000Z"),
      // The same on the wall, twice.
      firing("Watch", "2027-10-31T00:30:00.000Z"),
      firing("Watch", "2027-10-31T01:30:00.000Z", "retry"),
      firing("Other\n# and more", "2027-10-31T23:30:00.000Z"),
    ],
    waiting: [
      { jobId: "job_Fix", name: "Fix", schedule: { kind: "file", glob: "src/**" } },
      { jobId: "job_Tell", name: "Tell", schedule: { kind: "after", jobId: "job_Report", on: "failed" } },
    ],
  };
  expect(firingsPage(next, locale, words)).toBe(`# When jobs fire

## Sunday, October 31, 2027

- 00:30:00 GMT+2  Report
- 02:30:00 GMT+2  Watch
- 02:30:00 GMT+1  Watch (retry)

## Monday, November 1, 2027

- 00:30:00 GMT+1  Other ⏎ # and more

## When something happens

- Fix: when src/** changes
- Tell: after Report has failed
`);
  expect(firingsPage({ firings: [], waiting: [] }, locale, words)).toBe("# When jobs fire\n\nNo job is on.\n");
});
