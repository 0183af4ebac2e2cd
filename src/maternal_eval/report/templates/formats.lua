-- Runs after citeproc. What each format needs beyond pandoc's own writer.
--   all:   a division "own-page" (a summary, verdicts) begins and ends a page where there are pages.
--   typst: alternative texts of figures and formulas (the writer drops them, PDF/UA asks for them), call-outs.
--   html:  tables that scroll on narrow screens and can be reached by keyboard, call-outs as notes.
--   docx:  call-outs in a paragraph style of the reference document, which also states the language: Word knows
--          Chinese as zh-CN, pandoc as zh-Hans.

local function typst(inlines_or_blocks)
  return (pandoc.write(pandoc.Pandoc(inlines_or_blocks), "typst-citations-smart"):gsub("%s+$", ""))
end

local function quoted(text)
  return '"' .. text:gsub("\\", "\\\\"):gsub('"', '\\"'):gsub("%s+", " ") .. '"'
end

-- Divisions that the typst template sets in a function of its own.
local typst_functions = { callout = "callout", references = "reference-list", ["own-page"] = "own-page" }

local function division_for_typst(div)
  for class, name in pairs(typst_functions) do
    if div.classes:includes(class) then
      local blocks = pandoc.Blocks({ pandoc.RawBlock("typst", "#" .. name .. "[") })
      blocks:extend(div.content)
      blocks:insert(pandoc.RawBlock("typst", "]"))
      return blocks
    end
  end
end

-- What stands for a key, a citation and the like, as a content control that Word keeps while the author writes around
-- it, and the place of a paragraph as a hidden bookmark (report/text_units.py, report/word_text.py).
local function control(span)
  local number = span.attributes.number
  local inlines = pandoc.Inlines({ pandoc.RawInline("openxml", ('<w:sdt><w:sdtPr><w:tag w:val="maternal-%s"/>'
    .. '<w:id w:val="%d"/><w:lock w:val="contentLocked"/></w:sdtPr><w:sdtContent>'):format(number, 700000 + number)) })
  inlines:extend(span.content)
  inlines:insert(pandoc.RawInline("openxml", "</w:sdtContent></w:sdt>"))
  return inlines
end

local function bookmark(span)
  local number = span.attributes.number
  return pandoc.RawInline("openxml", ('<w:bookmarkStart w:id="%d" w:name="_maternal_%s"/><w:bookmarkEnd w:id="%d"/>'):format(
    800000 + number, number, 800000 + number))
end

-- A number as a button that opens its source (report/number_sources.py): the number alone, or its whole interval; what
-- follows (a unit, an interval in brackets) stays text, which breaks over lines.
local function number_button(span)
  local shown, rest, bracket = pandoc.Inlines({}), pandoc.Inlines({}), false
  for _, inline in ipairs(span.content) do
    local breaks = inline.t == "Space" or inline.t == "SoftBreak" or inline.t == "LineBreak"
    if #rest > 0 or (breaks and not bracket) then
      rest:insert(inline)
    elseif inline.t == "Str" and #shown == 0 and not inline.text:match("^%[") and inline.text:find("（", 2, true) then
      local at = inline.text:find("（", 2, true)
      shown:insert(pandoc.Str(inline.text:sub(1, at - 1)))
      rest:insert(pandoc.Str(inline.text:sub(at)))
    else
      if inline.t == "Str" then
        if #shown == 0 then bracket = inline.text:match("^%[") ~= nil end
        if inline.text:match("%]$") then bracket = false end
      end
      shown:insert(inline)
    end
  end
  local button = pandoc.Inlines({ pandoc.RawInline("html", ('<button type="button" class="number" '
    .. 'popovertarget="source-%s" aria-haspopup="dialog">'):format(span.attributes.number)) })
  button:extend(shown)
  button:insert(pandoc.RawInline("html", "</button>"))
  button:extend(rest)
  return button
end

-- Nothing that can be pressed stands inside of a link or of a heading, which the list of contents repeats.
local function without_buttons(element)
  return element:walk({ Span = function(span) if span.classes:includes("kept") then return span.content end end })
end

local page_break = pandoc.RawBlock("openxml", '<w:p><w:r><w:br w:type="page"/></w:r></w:p>')

local filters = {
  typst = {
    traverse = "topdown",
    Figure = function(figure)
      local image
      figure:walk({ Image = function(found) image = found end })
      local alt = pandoc.utils.stringify(image.caption)
      if alt == "" then error("figure without alternative text: " .. image.src) end
      local caption = typst({ pandoc.Plain(figure.caption.long[1].content) })
      -- It floats to the head or the foot of a page, so that no page before it stays half empty.
      return pandoc.RawBlock("typst", ("#figure(\n  image(%s, width: %s, alt: %s),\n  alt: %s,\n  caption: [%s],\n  placement: auto,\n) <%s>"):format(
        quoted(image.src), image.attributes.width or "100%", quoted(alt), quoted(alt), caption, figure.identifier)), false
    end,
    Math = function(math)
      local formula = typst({ pandoc.Plain({ pandoc.Math("InlineMath", math.text) }) })
      local block = math.mathtype == "DisplayMath"
      return pandoc.RawInline("typst", ("#math.equation(block: %s, alt: %s, %s);"):format(
        tostring(block), quoted(math.text:match("^%s*(.-)%s*$")), formula))
    end,
    Div = division_for_typst,
  },
  html = {
    Span = function(span) if span.classes:includes("kept") then return number_button(span) end end,
    Table = function(tbl)
      local name = pandoc.utils.stringify(tbl.caption.long[1].content[1])
      return pandoc.Div({ tbl }, pandoc.Attr("", { "table-scroll" }, {
        { "role", "region" }, { "tabindex", "0" }, { "aria-label", name }, -- pairs keep their order
      }))
    end,
    Div = function(div)
      if div.classes:includes("callout") then
        div.attributes.role = "note"
        return div
      end
    end,
  },
  docx = {
    Span = function(span)
      if span.classes:includes("kept") then return control(span) end
      if span.classes:includes("unit") then return bookmark(span) end
    end,
    Div = function(div)
      if div.classes:includes("callout") then div.attributes["custom-style"] = "Callout" end
      if div.classes:includes("own-page") then
        local blocks = pandoc.Blocks({ page_break })
        blocks:extend(div.content)
        blocks:insert(page_break)
        return blocks
      end
      return div
    end,
    Figure = function(figure)
      return figure:walk({ Image = function(image) image.attributes.width = image.attributes.width or "100%"; return image end })
    end,
  },
}

function Pandoc(doc)
  local format = FORMAT:match("^html") and "html" or FORMAT:match("^%a+")
  local filter = filters[format]
  if format == "html" then doc.blocks = doc.blocks:walk({ Header = without_buttons, Link = without_buttons }) end
  if doc.meta.abstract then
    doc.meta.abstract = pandoc.MetaBlocks(pandoc.Blocks(doc.meta.abstract):walk(filter))
  end
  doc.blocks = doc.blocks:walk(filter)
  if format == "docx" then doc.meta.lang = nil end
  return doc
end
