-- What wrk measured, as one line of JSON; times in seconds.
done = function(summary, latency, requests)
	local e = summary.errors
	io.write(string.format(
	    '{"requests":%d,"wall":%.6f,"errors":%d,"p50":%.6f,"p99":%.6f}\n',
	    summary.requests, summary.duration / 1e6,
	    e.connect + e.read + e.write + e.status + e.timeout,
	    latency:percentile(50) / 1e6, latency:percentile(99) / 1e6))
end
