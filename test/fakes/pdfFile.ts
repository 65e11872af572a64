/** The bytes of a PDF with these pages: each a text, whose lines stand below one another, or the operators of a page. */
export function pdfFile(
  pages: (string | { content: string | Buffer; filter?: string })[],
  { trailer = "", pageExtra = "", font = HELVETICA }: { trailer?: string; pageExtra?: string; font?: string } = {},
): Buffer {
  const kids = pages.map((_, index) => `${4 + index * 2} 0 R`).join(" ");
  const body: (string | Buffer)[][] = [
    ["<< /Type /Catalog /Pages 2 0 R >>"],
    [`<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`],
    [font],
    ...pages.flatMap((page, index) => {
      const { content, filter } = typeof page === "string" ? { content: operators(page), filter: undefined } : page;
      const bytes = Buffer.from(content as string, "latin1");
      return [
        [
          `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> /Contents ${5 + index * 2} 0 R ${pageExtra} >>`,
        ],
        [`<< /Length ${bytes.length}${filter ? ` /Filter /${filter}` : ""} >>\nstream\n`, bytes, "\nendstream"],
      ];
    }),
  ];
  const parts: Buffer[] = [Buffer.from("%PDF-1.7\n")];
  const offsets: number[] = [];
  let size = parts[0]!.length;
  for (const [index, object] of body.entries()) {
    const bytes = Buffer.concat(
      [`${index + 1} 0 obj\n`, ...object, "\nendobj\n"].map((part) => Buffer.from(part as string, "latin1")),
    );
    offsets.push(size);
    size += bytes.length;
    parts.push(bytes);
  }
  const rows = offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("");
  const count = body.length + 1;
  parts.push(
    Buffer.from(
      `xref\n0 ${count}\n0000000000 65535 f \n${rows}trailer\n<< /Size ${count} /Root 1 0 R ${trailer} >>\nstartxref\n${size}\n%%EOF\n`,
    ),
  );
  return Buffer.concat(parts);
}

const HELVETICA = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>";

function operators(text: string): string {
  if (text === "") return "0 0 m 100 100 l S";
  const lines = text.split("\n").map((line) => `(${line.replaceAll(/[()\\]/g, "\\$&")}) Tj 0 -14 Td`);
  return `BT /F1 12 Tf 72 720 Td ${lines.join(" ")} ET`;
}

/** Shift-JIS, by a map that the file names and does not carry. */
export const JAPANESE_FONT = `<< /Type /Font /Subtype /Type0 /BaseFont /Ryumin-Light /Encoding /90ms-RKSJ-H /DescendantFonts [<<
  /Type /Font /Subtype /CIDFontType0 /BaseFont /Ryumin-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1)
  /Supplement 2 >> /FontDescriptor << /Type /FontDescriptor /FontName /Ryumin-Light /Flags 4 >> >>] >>`;
