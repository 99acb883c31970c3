// What the office calls this phone in its list.

/** Model of an Android phone, or the kind of machine; short enough to be read out. */
export function phoneName(userAgent: string): string {
  const model = /Android [^;)]*; ([^;)]+?)(?: Build\/[^;)]*)?[;)]/.exec(userAgent)?.[1]?.trim()
  if (model && model !== 'K') return model.slice(0, 40) // K: the browser hides the model
  return ['iPhone', 'iPad', 'Android', 'Windows', 'Macintosh', 'Linux'].find((kind) => userAgent.includes(kind)) ?? ''
}
