/** Pincer's mark, in the colour of the text around it. */
export function Mark() {
  return (
    <svg viewBox="0 0 24 24" fill="none" aria-hidden="true">
      <g stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round">
        <path d="M9.5 4H7a3 3 0 0 0-3 3v10a3 3 0 0 0 3 3h2.5" />
        <path d="M14.5 4H17a3 3 0 0 1 3 3v10a3 3 0 0 1-3 3h-2.5" />
      </g>
      <circle cx="12" cy="12" r="2.5" fill="currentColor" />
    </svg>
  );
}
