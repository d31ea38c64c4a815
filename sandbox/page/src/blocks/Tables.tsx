import { useState, type ReactNode } from "react";
import { plain } from "../text/TextObject";
import type { Json } from "../types";
import { LibraryBlock } from "./Library";
import { richTextWords } from "./state";
import { Guard } from "./Unknown";

function Cell({ cell }: { cell: Json }): ReactNode {
  if (cell?.type === "rich_text") return <Guard what="a table cell"><LibraryBlock block={cell} /></Guard>;
  return <>{cellWords(cell)}</>;
}

function cellWords(cell: Json): string {
  if (cell?.type === "rich_text") return richTextWords(cell) ?? "";
  return String(cell?.text ?? cell?.value ?? "");
}

const alignOf = (block: Json, column: number): string => String(block.column_settings?.[column]?.align ?? "left");

/** A plain table: the first row heads the columns. */
export function TableBlock({ block }: { block: Json }): ReactNode {
  const [head, ...rows] = (block.rows ?? []) as Json[][];
  return (
    <div className="table-wrap" tabIndex={0} role="region" aria-label="Table">
      <table className="tbl">
        <thead>
          <tr>{(head ?? []).map((cell, n) => <th key={n} className={`align-${alignOf(block, n)}`}><Cell cell={cell} /></th>)}</tr>
        </thead>
        <tbody>
          {rows.map((row, r) => (
            <tr key={r}>{row.map((cell, n) => <td key={n} className={`align-${alignOf(block, n)}`}><Cell cell={cell} /></td>)}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function sorted(rows: Json[][], by: { column: number; down: boolean } | null): Json[][] {
  if (!by) return rows;
  const compare = new Intl.Collator(undefined, { numeric: true }).compare;
  const value = (row: Json[]) => cellWords(row[by.column] ?? {});
  return [...rows].sort((a, b) => (by.down ? -1 : 1) * compare(value(a), value(b)));
}

/** A table with a caption that readers may sort, filter and page through. */
export function DataTableBlock({ block }: { block: Json }): ReactNode {
  const [head, ...all] = (block.rows ?? []) as Json[][];
  const [by, setBy] = useState<{ column: number; down: boolean } | null>(null);
  const [query, setQuery] = useState("");
  const [page, setPage] = useState(0);
  const size = Number(block.page_size ?? 5);
  const wanted = query.trim().toLowerCase();
  const found = wanted ? all.filter((row) => row.some((cell) => cellWords(cell).toLowerCase().includes(wanted))) : all;
  const rows = sorted(found, by);
  const pages = Math.max(1, Math.ceil(rows.length / size));
  const at = Math.min(page, pages - 1);
  const header = Number(block.row_header_column_index ?? -1);
  const caption = plain(block.caption);
  return (
    <div className="data-table">
      <div className="table-wrap" tabIndex={0} role="region" aria-label={caption || "Table"}>
        <table className="tbl">
          <caption>{caption}</caption>
          <thead>
            <tr>
              {(head ?? []).map((cell, n) => (
                <th key={n} aria-sort={by?.column === n ? (by.down ? "descending" : "ascending") : "none"}>
                  <button type="button" onClick={() => setBy({ column: n, down: by?.column === n && !by.down })}>
                    {cellWords(cell)}
                    <span aria-hidden="true">{by?.column === n ? (by.down ? " ↓" : " ↑") : ""}</span>
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(at * size, at * size + size).map((row, r) => (
              <tr key={r}>{row.map((cell, n) => (n === header ? <th key={n} scope="row"><Cell cell={cell} /></th> : <td key={n}><Cell cell={cell} /></td>))}</tr>
            ))}
          </tbody>
        </table>
      </div>
      {all.length > size && (
        <div className="data-table-foot">
          <input className="text" type="search" aria-label="Filter rows" placeholder="Filter" value={query} onChange={(e) => setQuery(e.target.value)} />
          <button type="button" className="button" disabled={at === 0} onClick={() => setPage(at - 1)}>Previous</button>
          <span className="faint">{at + 1} of {pages}</span>
          <button type="button" className="button" disabled={at >= pages - 1} onClick={() => setPage(at + 1)}>Next</button>
        </div>
      )}
    </div>
  );
}
