-- Runs before citeproc, for all formats. Numbers headings, figures and tables, turns @fig:x, @tbl:x and @sec:x
-- into links, and stops at an identifier that does not exist. Pandoc has no such numbering of its own, and the
-- same numbers must stand in PDF, DOCX and HTML.

local words = {
  en = { fig = "Figure %s", tbl = "Table %s", sec = "Section %s", after = ". ", between = ", " },
  zh = { fig = "图 %s", tbl = "表 %s", sec = "第 %s 节", after = "　", between = "、" },
}
local language, label_of = nil, {}

local function label(kind, number)
  return (words[language][kind]:format(number):gsub(" ", "\u{00A0}"))
end

local function is_cross_reference(id)
  return id:match("^fig:") or id:match("^tbl:") or id:match("^sec:")
end

local function register(id, kind, number)
  if id ~= "" then
    if label_of[id] then error("identifier used twice: " .. id) end
    label_of[id] = label(kind, number)
  end
end

-- How wide a text prints; Chinese characters count twice.
local function printed_width(content)
  local width = 0
  for _, code in utf8.codes(pandoc.utils.stringify(content)) do width = width + (code >= 0x2E80 and 2 or 1) end
  return width
end

-- How wide the longest word prints: what a column needs so that nothing runs into the next one. Chinese breaks anywhere.
local function longest_word(content)
  local longest, width = 0, 0
  for _, code in utf8.codes(pandoc.utils.stringify(content)) do
    if code == 0x20 or code == 0x200B or code == 0x2013 then width = 0
    elseif code >= 0x2E80 then width = 2
    else width = width + 1 end
    longest = math.max(longest, width)
  end
  return longest
end

-- Half-widths that a line of a table holds, and what the space between columns takes of them.
local line, gap = 100, 3

-- Shares of the table's width: as the author says (widths="20,55,25"), else by the longest text of each column; where
-- these are wider than the line, every column keeps its longest word and what is left is shared out.
local function column_widths(tbl)
  local widths, least = {}, {}
  for width in (tbl.attributes.widths or ""):gmatch("[%d.]+") do widths[#widths + 1] = tonumber(width) end
  tbl.attributes.widths = nil
  if #widths == #tbl.colspecs then return widths end
  if #widths > 0 then error("a table needs one width for each of its columns") end
  local function measure(rows)
    for _, row in ipairs(rows) do
      for i, cell in ipairs(row.cells) do
        widths[i] = math.max(widths[i] or 6, math.min(printed_width(cell.contents) + gap, 44))
        least[i] = math.max(least[i] or 6, math.min(longest_word(cell.contents) + gap, 44))
      end
    end
  end
  measure(tbl.head.rows)
  for _, body in ipairs(tbl.bodies) do measure(body.body) end
  local wanted, needed = 0, 0
  for i, width in ipairs(widths) do wanted, needed = wanted + width, needed + least[i] end
  if wanted > line and needed < line then
    for i, width in ipairs(widths) do
      widths[i] = least[i] + (width - least[i]) * (line - needed) / (wanted - needed)
    end
  end
  return widths
end

local function numbered_caption(caption, text)
  local first = caption.long[1]
  local content = first and first.content or pandoc.Inlines({})
  content:insert(1, pandoc.Strong({ pandoc.Str(text) }))
  content:insert(2, pandoc.Str(words[language].after))
  caption.long = { pandoc.Plain(content) }
  return caption
end

-- First pass: numbers, in the order of the text.
local function number_everything(blocks)
  local headings, figures, tables = { 0, 0, 0 }, 0, 0
  return blocks:walk({
    traverse = "topdown",
    Header = function(header)
      if header.level > 3 or header.classes:includes("unnumbered") then return header, false end
      headings[header.level] = headings[header.level] + 1
      for deeper = header.level + 1, 3 do headings[deeper] = 0 end
      local number = table.concat(headings, ".", 1, header.level)
      if header.identifier:match("^sec:") then register(header.identifier, "sec", number) end
      header.content:insert(1, pandoc.Span({ pandoc.Str(number) }, { class = "heading-number" }))
      header.content:insert(2, pandoc.Str("\u{2002}"))
      return header, false
    end,
    Figure = function(figure)
      figures = figures + 1
      register(figure.identifier, "fig", figures)
      figure.caption = numbered_caption(figure.caption, label("fig", figures))
      return figure, false
    end,
    Table = function(tbl)
      tables = tables + 1
      register(tbl.identifier, "tbl", tables)
      tbl.caption = numbered_caption(tbl.caption, label("tbl", tables))
      local widths, total = column_widths(tbl), 0
      for _, width in ipairs(widths) do total = total + width end
      tbl.colspecs = tbl.colspecs:map(function(spec, i) return { spec[1], widths[i] / total } end)
      return tbl, false
    end,
  })
end

-- Second pass: references, wherever they stand (also in captions, cells and the abstract).
local resolve = {
  Cite = function(cite)
    local links = pandoc.Inlines({})
    for _, citation in ipairs(cite.citations) do
      if not is_cross_reference(citation.id) then return nil end
      if not label_of[citation.id] then error("unresolved cross-reference: @" .. citation.id) end
      if #links > 0 then links:insert(pandoc.Str(words[language].between)) end
      links:insert(pandoc.Link({ pandoc.Str(label_of[citation.id]) }, "#" .. citation.id))
    end
    return links
  end,
}

function Pandoc(doc)
  language = pandoc.utils.stringify(doc.meta["paper-language"])
  local blocks = number_everything(doc.blocks):walk(resolve)
  doc.blocks = pandoc.Blocks({})
  for _, block in ipairs(blocks) do
    if block.t == "Div" and block.classes:includes("abstract") then
      doc.meta.abstract = pandoc.MetaBlocks(block.content)
    else
      doc.blocks:insert(block)
    end
  end
  return doc
end
