// Package sandboxtest gives a Go test a sandbox of its own: faithful fakes of the APIs of
// QQTube, Polyv, Cliparto, Qulive and Interstream, in the test's process.
//
// # A first test
//
// The code under test wants a base URL, a credential and, best, an *http.Client:
//
//	func TestClip(t *testing.T) {
//		t.Parallel()
//		sb := sandboxtest.New(t)
//		videos := polyv.NewClient(sb.Client(), sb.BaseURL("polyv"), sb.Polyv.UserID, sb.Polyv.SecretKey)
//
//		vid, err := videos.Clip(ctx, source, "Goal", 10*time.Second, 20*time.Second)
//		…
//	}
//
// There is nothing to start and nothing to stop. Client reaches the sandbox without a port,
// and goes nowhere else: also requests to https://api.polyv.net and the other vendors' own
// hosts are answered, so that a client whose URLs are fixed can be tested as it is. A client
// that cannot be given an http.Client, or a program in another language, gets a port from
// URL, or everything it needs in its environment from Environ.
//
// # A tenant per test
//
// Every sandbox is a tenant: its credentials, objects, clock, faults and journal are its own,
// and nothing that a test does can be seen by another. Let tests run in parallel; making a
// sandbox costs some thirty microseconds. Data follow from the test's name (or from Seed):
// the same test sees the same ids in every run.
//
// The contracts are kept to the letter: signatures are checked, windows expire, quotas hold,
// texts are the vendors'. What a vendor's page says and what the sandbox assumes is told apart
// in the contracts ("sandbox specs polyv").
//
// # Time
//
// Orders fill up, videos are reviewed, tokens expire and signatures grow old on Clock, which
// is the test's:
//
//	id := place(order)
//	sb.Clock.Advance(48 * time.Hour)   // returns what fell due
//	// … the order is completed
//
// A moved clock is the vendor's clock. A client that signs with its own is then refused as
// too old, as it would be in life: give the client sb.Clock.Now as its clock, or Freeze and
// Set the clock only where the client does not sign with time.
//
// # Callbacks
//
// Qulive's vendor tells its customers' servers when a video was reviewed or transcoded. SendCallbacks
// has that sent to a server of the test's, signed and retried as the vendor does; what falls due
// when the clock is moved has arrived when it has moved. Callbacks lists what was sent.
//
//	sb.SendCallbacks("qulive", receiver.URL)
//
// # Failures
//
// Every outcome of a contract can be had by name, those included that no request leads to:
//
//	sb.Force("polyv", "clip", "internal-error")       // the next call
//	sb.ForceTimes("qqtube", "stats", "throttled", 3)  // the next three
//
// And the line can be made bad, for all calls or for some:
//
//	sb.Fault(sandboxtest.Fault{API: "polyv", Kind: "reset", Times: 1})
//	sb.Fault(sandboxtest.Fault{Effect: "read", Delay: 2 * time.Second})
//	sb.Fault(sandboxtest.Fault{API: "qqtube", Operation: "stats", Limit: 100, Window: time.Minute})
//
// # What was sent
//
// Requests returns what the client sent and what it got, secrets masked; Wait waits for what
// it sends in the background. Undeclared names parameters that the contract does not know,
// which are mostly misspelt; Advice is what a vendor's page asks of clients and this one did
// not keep to.
//
// A test that fails prints its last exchanges by itself. Where a signature was refused it says
// why: both strings to sign, where they differ, the mistake and its remedy.
//
//	#1 polyv clip → sign-wrong (2026-03-14 09:26:53.000)
//	   POST http://sandbox.invalid/polyv/v2/video/a920621039/clip
//	   …
//	   to sign:  ptime=1773480413000&title=Goal&vid=…<secret>
//	   signed:   title=Goal&vid=…&ptime=1773480413000<secret>
//	             ^
//	   parameters-unsorted: The parameters were signed in the order in which they were sent.
//	     → Sort the parameters by name, in byte order (as Java's TreeMap or PHP's ksort do).
//
// # What the vendor does
//
// State reads and replaces what the vendor would know, as JSON; Change hands out the fake's
// own world, with the methods that a vendor's staff would have: refund an order, fail a
// review, finish a transcoding.
//
//	sandboxtest.Change(sb, func(w *qqtube.World, now time.Time) error {
//		return w.Refund(id, "5.00", now)
//	})
//
// # Coverage
//
// Coverage says which outcomes of the contracts the test's client has met and which
// documented failures it was never shown; "sandbox exec --min-coverage 40 -- go test ./..."
// says so for a whole suite that uses its environment.
//
// This package is not a mock: there are no expectations to set up, and what a call answers
// follows from the vendor's rules. It does not replace a test against the vendor, either;
// "sandbox verify" is for that.
package sandboxtest
