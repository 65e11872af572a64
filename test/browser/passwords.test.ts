import { expect, test } from "vitest";
import { servePages } from "./pages.ts";
import { testBrowser } from "./testBrowser.ts";

const FIELDS = [
  '<input type=password aria-label=Key placeholder="Your key" value=hunter2>',
  '<input type=password aria-label="Key: yours" value=hunter2>',
  `<input type=password aria-label="&quot;Key&quot; it's # 1" value=hunter2>`,
  '<input type=password aria-label=Key value="  hunter2  a">',
  `<input type=password aria-label=Key value="-hunter2: 'a' &quot;b&quot; \\x41">`,
  "<input type=password value=hunter2>",
  "<input type=password role=searchbox aria-label=Key value=hunter2>",
  "<fieldset style='pointer-events: none'><input type=password value=hunter2></fieldset>",
  "<table><tr><td>Key</td><td><input type=password value=hunter2></td></tr></table>",
  "<label><input type=radio> With a key <input type=password value=hunter2></label>",
  `<div id=host></div><script>
    const shadow = document.querySelector("#host").attachShadow({ mode: "open" });
    shadow.innerHTML = "<label>Key <input type=password value=hunter2></label>";
  </script>`,
];
const FRAME = '<iframe srcdoc="<input type=password value=hunter2 placeholder=Key>"></iframe>';
const PAGES = {
  "/fields": FIELDS.join("\n"),
  "/frames": `${FRAME}${"<iframe srcdoc=x></iframe>".repeat(20)}${FRAME}`,
  // For longer than a frame is waited for.
  "/busy": `<input type=password value=hunter2><script>onload = () => setTimeout(() => {
    for (const end = Date.now() + 3000; Date.now() < end; );
  })</script>`,
};
const CHANGING = `<input type=password id=key aria-label=Key><script>
  let count = 0;
  setInterval(() => (key.value = "hunter2" + count++), 1);
</script>`;
const OTHERS = "<input aria-label=Name value=Ada><p>hunter</p><p>hunter2</p>";

test("what stands in a password field is not shown, wherever the field stands and whatever it is called", async () => {
  const answers = Object.entries({ ...PAGES, "/changing": CHANGING });
  const pages = await servePages(Object.fromEntries(answers.map(([path, html]) => [path, `${html}${OTHERS}`])));
  const { act } = testBrowser();
  await act({ action: "open" });
  for (const path of Object.keys(PAGES)) {
    const text = (await act({ action: "navigate", url: `${pages.url}${path}` })).snapshot!.text;
    const seen = text.split("\n").filter((line) => line.includes("hunter2") && !line.includes("paragraph"));
    expect({ path, seen }).toEqual({ path, seen: [] });
    expect(text).toContain("••••••");
    // All else stands as it is.
    expect(text).toMatch(/textbox "Name" \[ref=\w+\]: Ada\n/);
    expect(text).toMatch(/paragraph \[ref=\w+\]: hunter2$/m);
  }
  // Where it is another at each look, no field is told from one.
  const { snapshot } = await act({ action: "navigate", url: `${pages.url}/changing` });
  expect(snapshot?.text).not.toMatch(/textbox.*hunter2/);
  expect(snapshot?.text).toMatch(/textbox "Name" \[ref=\w+\]: ••••••\n/);
});

test("a short password is hidden in the name of a label's field that holds it, and tells itself by no other name", async () => {
  const box = (digit: number, more = "") => `<input type=password maxlength=1 value=${digit} ${more}>`;
  const pages = await servePages({
    "/": `<div role=dialog><h2>Step 1 of 7</h2>${box(1, "aria-label='Digit 1'")}<label>Digit 7 ${box(7)}</label></div>`,
    "/row": `<table><tr><td>CVC</td><td>${box(4)}</td></tr></table>`,
    "/label": `<h2>Step 1 of 3</h2><label>Code ${box(6)}${box(8)}</label><label><input type=radio> By code ${box(9)}</label>`,
  });
  const { act } = testBrowser();
  const shown = async (path: string) => {
    const { snapshot } = await act({ action: "open", url: `${pages.url}${path}` });
    return snapshot!.text.replace(/ \[ref=\w+\]|^ *- /gm, "").split("\n");
  };
  const plain = await shown("/");
  expect(plain).toEqual(
    expect.arrayContaining([
      'heading "Step 1 of 7" [level=2]',
      'textbox "Digit 1": ••••••',
      'textbox "Digit 7": ••••••',
    ]),
  );
  expect((await shown("/row")).join("\n")).not.toContain("4");
  const labelled = await shown("/label");
  expect(labelled).toEqual(
    expect.arrayContaining([
      'heading "Step 1 of 3" [level=2]',
      'textbox "Code ••••••": ••••••',
      'radio "By code ••••••"',
    ]),
  );
});
