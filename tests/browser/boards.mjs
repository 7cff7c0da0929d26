// What stands on the overview, cell by cell.

/** A board's rows: the cells' words by the row's key. */
export async function cells(page, board) {
  return Object.fromEntries(
    await page
      .locator(`#${board} tbody tr`)
      .evaluateAll((rows) =>
        rows.map((row) => [row.dataset.key, [...row.children].map((cell) => cell.textContent)]),
      ),
  );
}

/** Open alerts by severity, as the tiles say. */
export async function open(page) {
  return Object.fromEntries(
    await page
      .locator("#open_by_severity .tile")
      .evaluateAll((tiles) =>
        tiles.map((tile) => [[...tile.classList].at(-1), Number(tile.querySelector("b").textContent)]),
      ),
  );
}
