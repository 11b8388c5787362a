package verifier

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"strconv"
	"sync/atomic"
	"time"
)

// session is one scenario's place at a target: a tenant of its own at a sandbox, the
// user's accounts at a foreign target.
type session struct {
	target *Target
	can    abilities
	seed   uint64
	api    string

	own    identity
	others map[string]identity // made at first use
	clock  *sessionClock
	drawn  atomic.Uint64
	time   wall
}

// identity is a credential and where it is valid.
type identity struct {
	tenant     string // "" at a foreign target
	base       string // URL of the API
	credential map[string]string
}

// sessionClock is the time by which requests are signed.
type sessionClock struct {
	frozen bool
	now    time.Time
}

// wall is the real clock; tests replace it.
type wall struct {
	now   func() time.Time
	sleep func(context.Context, time.Duration) error
}

func realWall() wall {
	return wall{now: time.Now, sleep: sleep}
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// open prepares the place where a scenario runs.
func (t *Target) open(ctx context.Context, can abilities, api string, seed uint64, w wall) (*session, error) {
	s := &session{target: t, can: can, seed: seed, api: api, others: map[string]identity{}, clock: &sessionClock{}, time: w}
	if !t.Sandbox {
		s.own = identity{base: t.bases[api], credential: t.own[api]}
		return s, nil
	}
	if !can.tenants {
		return nil, fmt.Errorf("the sandbox %s makes no tenants", t.Name)
	}
	var err error
	if s.own, err = s.tenant(ctx, "own"); err != nil {
		return nil, err
	}
	if can.clock {
		now, err := admin{t}.freeze(ctx, s.own.tenant)
		if err != nil {
			s.close(context.WithoutCancel(ctx))
			return nil, err
		}
		s.clock.frozen, s.clock.now = true, now
	}
	return s, nil
}

func (s *session) tenant(ctx context.Context, purpose string) (identity, error) {
	reply, err := admin{s.target}.tenant(ctx, mix(s.seed, purpose), s.can.settings)
	if err != nil {
		return identity{}, err
	}
	return identity{tenant: reply.ID, base: reply.BaseURLs[s.api], credential: reply.Credentials[s.api]}, nil
}

// as returns the identity of that name: "" is the scenario's own.
func (s *session) as(ctx context.Context, name string) (identity, error) {
	if name == "" {
		return s.own, nil
	}
	if id, ok := s.others[name]; ok {
		return id, nil
	}
	if !s.target.Sandbox {
		c, ok := s.target.others[name]
		if !ok || c[s.api] == nil {
			return identity{}, fmt.Errorf("the target has no credential %q for %s", name, s.api)
		}
		id := identity{base: s.own.base, credential: c[s.api]}
		s.others[name] = id
		return id, nil
	}
	id, err := s.tenant(ctx, name)
	if err != nil {
		return identity{}, err
	}
	s.others[name] = id
	if s.clock.frozen {
		// Both clocks show the same, so that a signature of now is one of now for both.
		if err := (admin{s.target}).set(ctx, id.tenant, s.clock.now); err != nil {
			return identity{}, err
		}
	}
	return id, nil
}

// now is the time on the target's clock.
func (s *session) now() time.Time {
	if s.clock.frozen {
		return s.clock.now
	}
	return s.time.now()
}

// wait lets time pass at the vendor: a sandbox's clock is moved, elsewhere it is waited
// for, N times shorter where life is N times faster.
func (s *session) wait(ctx context.Context, d time.Duration) error {
	if !s.clock.frozen {
		return s.time.sleep(ctx, time.Duration(float64(d)/s.target.scale))
	}
	now, err := admin{s.target}.advance(ctx, s.own.tenant, d)
	if err != nil {
		return err
	}
	s.clock.now = now
	for _, id := range s.others {
		if err := (admin{s.target}).set(ctx, id.tenant, now); err != nil {
			return err
		}
	}
	return nil
}

// patient says whether the target waits so long; a sandbox always does.
func (s *session) patient(d time.Duration) (bool, string) {
	if s.clock.frozen {
		return true, ""
	}
	return s.target.patient(d)
}

func (t *Target) patient(d time.Duration) (bool, string) {
	waited := time.Duration(float64(d) / t.scale)
	if waited <= t.patience {
		return true, ""
	}
	return false, fmt.Sprintf("it would wait %s, the target's patience is %s", waited.Round(time.Second), t.patience)
}

// unique draws a token: the same for the same seed and place, another each time.
func (s *session) unique() string {
	n := mix(s.seed, "unique", strconv.FormatUint(s.drawn.Add(1), 10))
	text := strconv.FormatUint(n, 36)
	for len(text) < 12 {
		text = "0" + text
	}
	return text[len(text)-12:]
}

// close gives the tenants back. A sandbox forgets them by itself in time, so that a
// failure to do so is nobody's trouble.
func (s *session) close(ctx context.Context) {
	if !s.target.Sandbox {
		return
	}
	a := admin{s.target}
	for _, id := range append([]identity{s.own}, values(s.others)...) {
		if id.tenant != "" {
			a.remove(ctx, id.tenant) //nolint:errcheck // see above
		}
	}
}

func values(m map[string]identity) []identity {
	out := make([]identity, 0, len(m))
	for _, v := range m {
		out = append(out, v)
	}
	return out
}

// mix derives a seed from another and a purpose; never 0.
func mix(seed uint64, parts ...string) uint64 {
	f := fnv.New64a()
	var b [8]byte
	for i := range b {
		b[i] = byte(seed >> (8 * i))
	}
	f.Write(b[:])
	for _, p := range parts {
		f.Write([]byte(p))
		f.Write([]byte{0})
	}
	// FNV's last bytes differ little for texts that do; a token shows them all.
	x := f.Sum64()
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	if x == 0 {
		return 1
	}
	return x
}

// salt draws the salt of a signature.
func (s *session) salt() string {
	sum := md5.Sum([]byte(s.unique()))
	return hex.EncodeToString(sum[:])
}
