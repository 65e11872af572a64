import { expect, test } from "vitest";
import { openTo } from "../../src/cli/doctor/windowsRights.ts";

const OWN = "(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;S-1-5-21-1-2-3-1001)";

test.each([
  ["a profile's folder", `O:S-1-5-21-1-2-3-1001G:DUD:AI${OWN}`, []],
  ["a folder at the top of a drive", `O:BAG:DUD:AI${OWN}(A;OICIID;0x1200a9;;;BU)(A;ID;LC;;;AU)`, ["Users"]],
  ["one that all may change", `D:P${OWN}(A;OICI;FA;;;WD)`, ["Everyone"]],
  ["rights in words and by number", "D:(A;;GR;;;S-1-5-11)(A;;0x80000000;;;IU)", ["Authenticated Users", "Interactive"]],
  ["who may only make files", "D:(A;;0x100002;;;BU)(A;;DCLC;;;WD)", []],
  ["who may give himself the rights", "D:(A;;WO;;;BU)", ["Users"]],
  ["what is refused", `D:(D;;FA;;;WD)(D;;FR;;;BU)${OWN}`, []],
  ["no list at all", "O:BAG:BA", ["Everyone"]],
  ["an empty list", "D:P", []],
  ["a list that controls nothing", "D:NO_ACCESS_CONTROL", ["Everyone"]],
])("%s is read as Windows means it", (_, sddl, expected) => {
  expect(openTo(sddl)).toEqual(expected);
});
