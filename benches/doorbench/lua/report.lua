-- Writes what was measured as one line of JSON. Times are in microseconds.

function done(summary, latency, requests)
    local errors = summary.errors
    io.write(string.format(
        '\nresult {"requests":%d,"microseconds":%d,"refused":%d,"broken":%d,"late":%d,"p50":%d,"p99":%d}\n',
        summary.requests, summary.duration, errors.status, errors.connect + errors.read + errors.write,
        errors.timeout, latency:percentile(50), latency:percentile(99)))
end
