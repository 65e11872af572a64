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
