-- What the peer itself sent, in the whole run.
--
-- Every connection of every case watches the frames of the peer. These cases
-- come last and judge what was seen; a check that nothing was observed for is
-- skipped.

local function observed(t)
  case {
    id = "observed." .. t.slug,
    title = t.title,
    requirements = t.requirements,
    passive = true,
    since = "1.0",
    run = function(run)
      for _, req in ipairs(t.requirements) do
        run:judge_observed(req, t.check, t.strength)
      end
    end,
  }
end

observed {
  slug = "mask-clear",
  title = "A server never masks its frames",
  check = "mask-clear",
  requirements = { "6455-5.1-07" },
}

observed {
  slug = "rsv-clear",
  title = "Reserved bits are clear unless an extension defines them",
  check = "rsv-clear",
  requirements = {
    "6455-5.2-03", "6455-5.2-19", "6455-5.2-20", "6455-5.2-21",
  },
}

observed {
  slug = "opcode-known",
  title = "Frames carry defined opcodes only",
  check = "opcode-known",
  requirements = { "6455-5.8-01" },
}

observed {
  slug = "length-minimal",
  title = "Each length is announced in the fewest octets",
  check = "length-minimal",
  requirements = { "6455-5.2-12" },
}

observed {
  slug = "control-fin",
  title = "Control frames are not fragmented",
  check = "control-fin",
  requirements = { "6455-5.4-07" },
}

observed {
  slug = "control-short",
  title = "Control frames carry at most 125 octets",
  check = "control-short",
  requirements = { "6455-5.5-01" },
}

observed {
  slug = "continuation-order",
  title = "Fragments of different messages are not interleaved",
  check = "continuation-order",
  requirements = { "6455-5.4-09" },
}

observed {
  slug = "text-utf8",
  title = "Text messages are valid UTF-8",
  check = "text-utf8",
  requirements = { "6455-5.6-02" },
}

observed {
  slug = "close-body",
  title = "A Close frame is empty or begins with a status code",
  check = "close-body",
  requirements = { "6455-5.5.1-03" },
}

observed {
  slug = "close-reason-utf8",
  title = "The reason of a Close frame is valid UTF-8",
  check = "close-reason-utf8",
  requirements = { "6455-5.5.1-05" },
}

observed {
  slug = "close-code",
  title = "Close frames carry status codes that may be sent",
  check = "close-code",
  requirements = { "6455-11.7-01" },
}

observed {
  slug = "close-code-1005",
  title = "Status code 1005 is never sent",
  check = "close-code-1005",
  requirements = { "6455-7.4.1-05" },
}

observed {
  slug = "close-code-1006",
  title = "Status code 1006 is never sent",
  check = "close-code-1006",
  requirements = { "6455-7.4.1-06" },
}

observed {
  slug = "close-code-1015",
  title = "Status code 1015 is never sent",
  check = "close-code-1015",
  requirements = { "6455-7.4.1-12" },
}

observed {
  slug = "close-code-1010",
  title = "A server does not send status code 1010 of its own accord",
  check = "close-code-1010",
  requirements = { "6455-7.4.1-10" },
}

observed {
  slug = "one-close",
  title = "A connection carries one Close frame of the peer at most",
  check = "one-close",
  requirements = { "6455-5.5.1-10" },
}

observed {
  slug = "nothing-after-close",
  title = "No data frame follows a Close frame",
  check = "nothing-after-close",
  requirements = { "6455-5.5.1-09", "6455-6.1-03" },
}

observed {
  slug = "close-before-failing",
  title = "A Close frame precedes the end of a connection that fails",
  check = "close-before-failing",
  strength = "should",
  requirements = { "6455-7.1.7-05", "6455-10.7-03" },
}

-- "An endpoint MAY omit sending a Close frame": a habit to know of, no defect.
case {
  id = "observed.bare-failures",
  title = "A connection that fails may end without a Close frame",
  requirements = { "6455-7.1.7-06", "6455-10.7-02" },
  info = true,
  passive = true,
  since = "1.0",
  run = function(t)
    local seen = t:observed("close-before-failing")
    if seen.count == 0 then
      t:skip("no connection was failed")
    end
    for _, req in ipairs { "6455-7.1.7-06", "6455-10.7-02" } do
      t:note(req, seen.violations .. " of " .. seen.count
        .. " failed connections ended without a Close frame")
    end
  end,
}

observed {
  slug = "ping-answered-in-order",
  title = "Pongs come in the order of their pings",
  check = "ping-answered-in-order",
  requirements = { "6455-5.5.3-03" },
}

observed {
  slug = "response-no-early-frames",
  title = "No frame is sent before the response of the opening handshake",
  check = "response-no-early-frames",
  requirements = { "6455-4.2.2-26" },
}

observed {
  slug = "deflate-rsv1",
  title = "RSV1 is set on nothing but the first frame of a data message",
  check = "deflate-rsv1",
  requirements = { "7692-6.1-03" },
}

observed {
  slug = "deflate-data",
  title = "Compressed messages inflate",
  check = "deflate-data",
  requirements = { "7692-7.2.1-01" },
}

observed {
  slug = "deflate-window",
  title = "No match goes back further than the agreed window",
  check = "deflate-window",
  requirements = { "7692-7.2.1-15" },
}

observed {
  slug = "deflate-no-takeover",
  title = "With server_no_context_takeover no message refers to another",
  check = "deflate-no-takeover",
  requirements = { "7692-7.2.1-11" },
}
