-- permessage-deflate: what a server has to read (RFC 7692, sections 6 and
-- 7.2.2), shown by its echo.
--
-- Messages are made by hand where their form is what matters, with the octets
-- of the examples in 7.2.3 where there are some.

-- "Hello" with an empty window, and behind another "Hello" (7.2.3.1, 7.2.3.2).
local HELLO = "\xF2\x48\xCD\xC9\xC9\x07\x00"
local HELLO_AGAIN = "\xF2\x00\x11\x00\x00"

local function receives(c)
  c.needs = { "echo" }
  c.since = "1.0"
  case(c)
end

-- A client that may keep its window. Who agreed to client_no_context_takeover
-- has been promised that it does not (7.2.1).
local function open_with_takeover(t, offer)
  local ws = t:open_deflate(offer)
  if ws.deflate.client_no_context_takeover then
    t:skip("client_no_context_takeover is agreed")
  end
  return ws
end

receives {
  id = "deflate.text-and-binary",
  title = "Compressed messages arrive, each with its type",
  requirements = { "7692-5-17", "7692-6.1-06", "7692-7.2.2-01" },
  run = function(t)
    local ws = t:open_deflate()
    ws:text(HELLO, { rsv = 4 })
    ws:expect_text("Hello", { req = "7692-7.2.2-01" })
    ws:text("text " .. t.nonce, { deflate = true })
    ws:expect_text("text " .. t.nonce, { req = "7692-6.1-06" })
    ws:binary("binary " .. t.nonce, { deflate = true })
    ws:expect_binary("binary " .. t.nonce, { req = "7692-6.1-06" })
    ws:finish()
    local agreed = t:open_deflate()
    agreed:text("agreed " .. t.nonce, { deflate = true })
    agreed:expect_text("agreed " .. t.nonce, { req = "7692-5-17" })
    agreed:finish()
  end,
}

receives {
  id = "deflate.rsv1-says-compressed",
  title = "RSV1 on the first frame says that a message is compressed",
  requirements = { "7692-6-02" },
  run = function(t)
    local ws = t:open_deflate()
    ws:text("first " .. t.nonce, { deflate = true })
    ws:expect_text("first " .. t.nonce, { req = "7692-6-02" })
    ws:finish()
  end,
}

receives {
  id = "deflate.window-kept",
  title = "A server keeps its window from message to message",
  requirements = { "7692-7.2.2-05" },
  run = function(t)
    local ws = open_with_takeover(t)
    ws:text(HELLO, { rsv = 4 })
    ws:expect_text("Hello", { req = "7692-7.2.2-05" })
    ws:text(HELLO_AGAIN, { rsv = 4 })
    ws:expect_text("Hello", { req = "7692-7.2.2-05" })
    ws:finish()
  end,
}

receives {
  id = "deflate.window-kept-after-hint",
  title = "A hint that the answer does not repeat changes nothing",
  requirements = { "7692-7.2.2-06" },
  run = function(t)
    local ws = open_with_takeover(t,
      "permessage-deflate; client_no_context_takeover")
    ws:text(HELLO, { rsv = 4 })
    ws:expect_text("Hello", { req = "7692-7.2.2-06" })
    ws:text(HELLO_AGAIN, { rsv = 4 })
    ws:expect_text("Hello", { req = "7692-7.2.2-06" })
    ws:finish()
  end,
}

receives {
  id = "deflate.no-takeover",
  title = "Messages that do without each other's window arrive",
  requirements = { "7692-5-17" },
  run = function(t)
    local ws = t:open_deflate(
      "permessage-deflate; client_no_context_takeover")
    for _ = 1, 3 do
      ws:text(HELLO, { rsv = 4 })
      ws:expect_text("Hello", { req = "7692-5-17" })
    end
    ws:finish()
  end,
}

-- server_ parameters bind the server's compressor, and our decompressor only.
receives {
  id = "deflate.sides",
  title = "server_no_context_takeover binds the server's messages alone",
  requirements = { "7692-7-09" },
  run = function(t)
    local ws = open_with_takeover(t,
      "permessage-deflate; server_no_context_takeover")
    ws:text(HELLO, { rsv = 4 })
    ws:expect_text("Hello", { req = "7692-7-09" })
    ws:text(HELLO_AGAIN, { rsv = 4 })
    ws:expect_text("Hello", { req = "7692-7-09" })
    ws:finish()
  end,
}

receives {
  id = "deflate.uncompressed-between",
  title = "A message that is not compressed arrives, and leaves the window alone",
  requirements = { "7692-6-03", "7692-6.2-02", "7692-7.2.3.2-01" },
  run = function(t)
    local ws = open_with_takeover(t)
    local plain = "xyz " .. t.nonce
    ws:text(HELLO, { rsv = 4 })
    ws:expect_text("Hello", { req = "7692-6-03" })
    ws:text(plain)
    ws:expect_text(plain, { req = "7692-6-03" })
    ws:binary(plain)
    ws:expect_binary(plain, { req = "7692-6.2-02" })
    ws:text(HELLO_AGAIN, { rsv = 4 })
    ws:expect_text("Hello", { req = "7692-7.2.3.2-01" })
    ws:finish()
  end,
}

-- The first message of the connection: nobody has seen a compressed one yet.
receives {
  id = "deflate.uncompressed-first",
  title = "With the extension agreed, a message may still be sent as it is",
  requirements = { "7692-6-03", "7692-6.2-02" },
  run = function(t)
    local ws = t:open_deflate()
    local plain = "plain " .. t.nonce
    ws:text(plain)
    ws:expect_text(plain, { req = "7692-6.2-02" })
    ws:binary("\x00\x01\xFE\xFF" .. plain)
    ws:expect_binary("\x00\x01\xFE\xFF" .. plain, { req = "7692-6-03" })
    ws:finish()
  end,
}

-- zlib's inflate() ends at such a block. Who does not notice gives the next
-- message out empty. More blocks may follow in the same message: "The next
-- DEFLATE block follows the padded data if any" (7.2.1).
receives {
  id = "deflate.final-block",
  title = "A block with BFINAL set ends neither the connection nor the window",
  requirements = { "7692-7.2.1-04" },
  run = function(t)
    local ws = t:open_deflate()
    local function both(first)
      ws:text(first, { rsv = 4 })
      ws:expect_text("Hello", { req = "7692-7.2.1-04" })
      ws:text("next " .. t.nonce, { deflate = true })
      ws:expect_text("next " .. t.nonce, { req = "7692-7.2.1-04" })
    end
    t:variant("a fixed block (7.2.3.4)", both,
      "\xF3\x48\xCD\xC9\xC9\x07\x00\x00")
    ws = t:open_deflate()
    t:variant("a stored block", both,
      deflate.stored("Hello", { final = true }))
    ws = t:open_deflate()
    t:variant("each of two blocks", both, deflate.message {
      { fixed = { "Hel" }, final = true }, { fixed = { "lo" }, final = true },
    })
  end,
}

-- "Otherwise, the server MUST decompress each new message using the LZ77 sliding
-- window used to process the last compressed message" (7.2.2): of any message.
receives {
  id = "deflate.final-block-window",
  title = "The window is kept behind a block with BFINAL set",
  requirements = { "7692-7.2.1-04", "7692-7.2.2-05" },
  run = function(t)
    local ws = open_with_takeover(t)
    ws:text("\xF3\x48\xCD\xC9\xC9\x07\x00\x00", { rsv = 4 })
    ws:expect_text("Hello", { req = "7692-7.2.1-04" })
    ws:text(HELLO_AGAIN, { rsv = 4 })
    ws:expect_text("Hello", { req = "7692-7.2.2-05" })
    ws:finish()
  end,
}

receives {
  id = "deflate.block-types",
  title = "Blocks of all three types are read",
  requirements = { "7692-7.2.1-03" },
  run = function(t)
    local text = t.nonce .. t.nonce .. t.nonce
    local items = { t.nonce, { #t.nonce * 2, #t.nonce } }
    for _, type in ipairs { "stored", "fixed", "dynamic" } do
      t:variant(type, function()
        local ws = t:open_deflate()
        ws:text(deflate[type](type == "stored" and text or items), { rsv = 4 })
        ws:expect_text(text, { req = "7692-7.2.1-03" })
        ws:finish()
      end)
    end
  end,
}

receives {
  id = "deflate.several-blocks",
  title = "A message of several blocks is read to its end",
  requirements = { "7692-7.2.1-02" },
  run = function(t)
    local ws = t:open_deflate()
    -- 7.2.3.5
    t:variant("two fixed blocks, the first flushed", function()
      ws:text("\xF2\x48\x05\x00\x00\x00\xFF\xFF\xCA\xC9\xC9\x07\x00",
        { rsv = 4 })
      ws:expect_text("Hello", { req = "7692-7.2.1-02" })
    end)
    ws = t:open_deflate()
    t:variant("one of each type", function()
      ws:text(deflate.message {
        { stored = "one " }, { fixed = { "two " } }, { dynamic = { "three " } },
        { fixed = { t.nonce } },
      }, { rsv = 4 })
      ws:expect_text("one two three " .. t.nonce, { req = "7692-7.2.1-02" })
    end)
    ws = t:open_deflate()
    t:variant("a block for each octet", function()
      local blocks = {}
      for i = 1, #t.nonce do
        blocks[i] = { fixed = { t.nonce:sub(i, i) } }
      end
      ws:text(deflate.message(blocks), { rsv = 4 })
      ws:expect_text(t.nonce, { req = "7692-7.2.1-02" })
    end)
  end,
}

receives {
  id = "deflate.empty-message",
  title = "A compressed message may be empty: one octet, 00",
  requirements = { "7692-7.2.3.6-01" },
  run = function(t)
    local ws = t:open_deflate()
    ws:text("\x00", { rsv = 4 })
    ws:expect_text("", { req = "7692-7.2.3.6-01" })
    ws:binary("\x00", { rsv = 4 })
    ws:expect_binary("", { req = "7692-7.2.3.6-01" })
    ws:text("next " .. t.nonce, { deflate = true })
    ws:expect_text("next " .. t.nonce, { req = "7692-7.2.3.6-01" })
    ws:finish()
  end,
}

-- The rest of 00 00 FF FF alone is no block, so nothing says what this is.
receives {
  id = "deflate.no-octets",
  title = "A compressed message without any octet is a matter of taste",
  requirements = { "7692-7.2.3.6-01" },
  info = true,
  run = function(t)
    local ws = t:open_deflate()
    ws:text("", { rsv = 4 })
    local event, empty = ws:receive("text", "")
    t:note("7692-7.2.3.6-01",
      empty and "taken for an empty message" or event.kind)
    ws:finish()
  end,
}

receives {
  id = "deflate.fragments",
  title = "The fragments of a compressed message are inflated together",
  requirements = { "7692-6-04", "7692-6.2-01" },
  run = function(t)
    t:variant("a ping between two fragments", function()
      local ws = t:open_deflate()
      ws:text(HELLO:sub(1, 3), { rsv = 4, fin = false })
      ws:ping("mid")
      ws:continuation(HELLO:sub(4))
      ws:expect_pong("mid", { req = "7692-6.2-01" })
      ws:expect_text("Hello", { req = "7692-6-04" })
      ws:finish()
    end)
    t:variant("each octet a fragment, binary", function()
      local ws = t:open_deflate()
      for i = 1, #HELLO do
        local send = i == 1 and ws.binary or ws.continuation
        send(ws, HELLO:sub(i, i),
          { rsv = i == 1 and 4 or 0, fin = i == #HELLO })
      end
      ws:expect_binary("Hello", { req = "7692-6.2-01" })
      ws:finish()
    end)
    t:variant("the last fragment without octets", function()
      local ws = t:open_deflate()
      ws:text(HELLO, { rsv = 4, fin = false })
      ws:continuation("")
      ws:expect_text("Hello", { req = "7692-6-04" })
      ws:finish()
    end)
  end,
}

-- 7.2.1: the four octets leave the end of the message, not of each fragment.
receives {
  id = "deflate.empty-last-fragment",
  title = "The last fragment may be one octet, 00, behind blocks that were flushed",
  requirements = { "7692-7.2.3.6-01" },
  run = function(t)
    local ws = t:open_deflate()
    ws:text(HELLO .. "\x00\x00\xFF\xFF", { rsv = 4, fin = false })
    ws:continuation("\x00")
    ws:expect_text("Hello", { req = "7692-7.2.3.6-01" })
    ws:finish()
  end,
}

receives {
  id = "deflate.fragments-cut-at-will",
  title = "A compressed message may be cut into fragments anywhere",
  requirements = { "7692-6-04" },
  run = function(t)
    local text = "Ünïcödé — 文字 — " .. t.nonce
    local ws = t:open_deflate()
    for cut = 1, 24 do
      local octets = ws:deflated(text .. cut)
      local at = math.min(cut, #octets - 1)
      ws:text(octets:sub(1, at), { rsv = 4, fin = false })
      ws:continuation(octets:sub(at + 1))
      ws:expect_text(text .. cut, { req = "7692-6-04" })
    end
    ws:finish()
  end,
}

receives {
  id = "deflate.far-reference",
  title = "A match may go back 32768 octets",
  requirements = { "7692-7.2.2-10" },
  run = function(t)
    local ws = t:open_deflate()
    if ws.deflate.client_max_window_bits < 15 then
      t:skip("a smaller client_max_window_bits is agreed")
    end
    local block = t.rng:text(32768)
    ws:text(deflate.message {
      { stored = block }, { fixed = { { 258, 32768 } } },
    }, { rsv = 4 })
    ws:expect_text(block .. block:sub(1, 258), { req = "7692-7.2.2-10" })
    ws:finish()
  end,
}

receives {
  id = "deflate.far-reference-across",
  title = "A match may go back 32768 octets into the message before",
  requirements = { "7692-7.2.2-05", "7692-7.2.2-10" },
  run = function(t)
    local ws = open_with_takeover(t)
    if ws.deflate.client_max_window_bits < 15 then
      t:skip("a smaller client_max_window_bits is agreed")
    end
    local block = t.rng:text(32768)
    ws:text(deflate.stored(block), { rsv = 4 })
    ws:expect_text(block, { req = "7692-7.2.2-05" })
    ws:text(deflate.fixed { { 100, 32768 } }, { rsv = 4 })
    ws:expect_text(block:sub(1, 100), { req = "7692-7.2.2-10" })
    ws:finish()
  end,
}

-- As a client compresses who agreed to a smaller window.
receives {
  id = "deflate.client-window",
  title = "Messages within the agreed client_max_window_bits arrive",
  requirements = { "7692-5-17" },
  run = function(t)
    for bits = 9, 15 do
      t:variant("client_max_window_bits=" .. bits, function()
        local ws = t:open_deflate(
          "permessage-deflate; client_max_window_bits=" .. bits)
        local part = t.rng:text(1 << bits - 1)
        local text = part:rep(3)
        ws:text(text, { deflate = true })
        ws:expect_text(text, { req = "7692-5-17" })
        ws:finish()
      end)
    end
  end,
}

receives {
  id = "deflate.levels",
  title = "What zlib writes at any level arrives",
  requirements = { "7692-5-17", "7692-7.2.1-03" },
  run = function(t)
    local ws = t:open_deflate()
    local text = (t.nonce .. t.rng:text(40)):rep(8) .. t.rng:text(200)
    for _, level in ipairs { 0, 1, 6, 9 } do
      ws:text(text, { deflate = true, level = level })
      ws:expect_text(text, { req = "7692-7.2.1-03" })
    end
    ws:finish()
  end,
}

receives {
  id = "deflate.text-is-what-it-becomes",
  title = "Compressed text is text when it is inflated, whatever its octets are before",
  requirements = { "7692-6.1-07" },
  run = function(t)
    local ws = t:open_deflate()
    for _, text in ipairs { "Hello", "héllo € 𝄞", "\u{FEFF}bom" } do
      ws:text(deflate.dynamic { text .. t.nonce }, { rsv = 4 })
      ws:expect_text(text .. t.nonce, { req = "7692-6.1-07" })
    end
    ws:finish()
  end,
}
