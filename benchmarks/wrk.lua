-- What wrk asks for, and how it says what came of it: one line of JSON.
--
-- With the arguments SEED PREFIX SUFFIX each request is for PREFIX, 64 hexadecimal digits that
-- nobody has asked for before, and SUFFIX. Without them wrk's own URL and headers are used.

function init(args)
  if #args < 3 then return end
  math.randomseed(tonumber(args[1]))
  local prefix, suffix = args[2], args[3]
  request = function()
    local digits = {}
    for part = 1, 8 do
      digits[part] = string.format("%04x%04x", math.random(0, 65535), math.random(0, 65535))
    end
    return wrk.format("GET", prefix .. table.concat(digits) .. suffix)
  end
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    'JSON {"requests": %d, "seconds": %.6f, "median_us": %d, "p99_us": %d, '
      .. '"broken": %d, "refused": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.timeout, errors.status))
end
