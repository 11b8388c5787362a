package qqtube

import (
	"math/big"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mediasandbox/sandbox/fakes/fakestest"
)

// modelOrder is an order as somebody would keep it who has read the vendor's page: when
// it began, how long it stood still, what it cost.
type modelOrder struct {
	id, service   string
	url           string
	start, wanted int64
	cost, refund  int64     // cents; refund is -1 for none
	added         time.Time // or when it would have been, for one that was completed from outside
	delivery      time.Duration
	stood         time.Duration // in all, before the present stop
	status        int           // as set from outside, 0 for none
	since         time.Time     // when status was set
	reported      bool
	page          *Literal // an example of the page, which does not move
	shown         int64    // the highest count shown since it was last touched
}

func (o *modelOrder) stands() bool { return o.status != 0 && o.status != 2 && o.status != 3 }

// sent is how many were delivered at a time.
func (o *modelOrder) sent(now time.Time) int64 {
	var ran time.Duration
	switch {
	case o.stands():
		ran = o.since.Sub(o.added) - o.stood
	default:
		ran = now.Sub(o.added) - o.stood
	}
	switch {
	case ran <= 0:
		return 0
	case ran >= o.delivery:
		return o.wanted
	}
	n := new(big.Int).Mul(big.NewInt(o.wanted), big.NewInt(int64(ran)))
	return n.Quo(n, big.NewInt(int64(o.delivery))).Int64()
}

// look is status and count at a time.
func (o *modelOrder) look(now time.Time) (status int, current, sent int64) {
	if o.page != nil {
		status = o.page.Status
		if o.status != 0 {
			status = o.status
		}
		return status, o.page.Current, o.page.Sent
	}
	sent = o.sent(now)
	switch {
	case o.stands():
		status = o.status
	case sent == o.wanted:
		status = 1
	case o.status == 3:
		status = 3
	default:
		status = 2
	}
	return status, o.start + sent, sent
}

// model is an account.
type model struct {
	t      *testing.T
	r      *rand.Rand
	w      *World
	now    time.Time
	newest time.Time // the clock's highest so far
	orders []*modelOrder
	given  int64 // cents put in, what there was at first included
}

func (m *model) funds() int64 {
	sum := m.given
	for _, o := range m.orders {
		if o.page == nil { // the page's examples were paid before
			sum -= o.cost
		}
		sum += max(o.refund, 0)
	}
	return sum
}

// TestModel makes random calls, moves the clock at random and compares with the model.
func TestModel(t *testing.T) {
	m := &model{t: t, r: fakestest.Random(t), w: world(t), now: noon, newest: noon, given: 50860}
	for _, s := range m.w.Submissions {
		m.orders = append(m.orders, &modelOrder{
			id: itoa(s.ID), service: s.Service, start: s.Start, wanted: s.Wanted, cost: int64(s.Cost), refund: -1, added: s.Added, page: s.Literal,
		})
	}
	steps := []struct {
		weight int
		step   func()
	}{
		{30, m.add}, {10, m.addWrong}, {20, m.stats}, {15, m.list}, {6, m.setStatus}, {4, m.refundSome},
		{5, m.addFunds}, {12, m.clock},
	}
	var wheel []func()
	for _, s := range steps {
		for range s.weight {
			wheel = append(wheel, s.step)
		}
	}
	for i := range fakestest.Steps() {
		if i%500 == 0 {
			m.everything()
		}
		wheel[m.r.IntN(len(wheel))]()
		require.EqualValues(t, m.funds(), m.w.Funds, "money is conserved")
		require.GreaterOrEqual(t, int64(m.w.Funds), int64(0))
		require.Len(t, m.w.Submissions, len(m.orders))
	}
	m.everything()
}

// rule is what the model knows of a service.
type rule struct {
	id                    string
	minimum, step, most   int64
	extra                 []string
	delivery              time.Duration
	price                 func(n int64) (cents int64)
	refusedBy, refusedFor string // a value of one more parameter that is refused, and the outcome
}

// rules are four services, their prices reckoned by hand: halves of a cent go up.
func rules() []rule {
	half := func(milli int64) int64 { return (milli + 5) / 10 } // tenths of cents to cents
	return []rule{
		{id: "30", minimum: 500, step: 250, most: 100_000, delivery: 6 * time.Hour, price: func(n int64) int64 { return half(n * 600 / 1000) }},
		{id: "54", minimum: 1000, step: 1000, most: 1_000_000, delivery: 10 * time.Hour, price: func(n int64) int64 {
			switch {
			case n < 10_000:
				return half(n / 1000 * 200)
			case n < 100_000:
				return half(n / 1000 * 160)
			}
			return half(n / 1000 * 130)
		}},
		{id: "5", minimum: 1000, step: 1000, most: 100_000, extra: []string{"geo-countries", "US,GB"}, delivery: 12 * time.Hour, price: func(n int64) int64 {
			if n <= 10_000 {
				return half(n / 1000 * 3200)
			}
			return half(n / 1000 * 2900)
		}, refusedBy: "geo-countries", refusedFor: "countries-invalid"},
		{id: "46", minimum: 100, step: 50, most: 20_000, extra: []string{"guarantee", "lifetime", "share_type", "13"}, delivery: 8 * time.Hour, price: func(n int64) int64 {
			return half(n*1150/100 + n/1000*100) // and 0.10 for each whole thousand
		}, refusedBy: "share_type", refusedFor: "share-type-invalid"},
	}
}

func (m *model) order() (s rule, n int64) {
	s = rules()[m.r.IntN(4)]
	return s, s.minimum + s.step*m.r.Int64N(20)
}

func (m *model) add() {
	s, n := m.order()
	url := "https://youtu.be/" + strconv.Itoa(m.r.IntN(3))
	reply, err := place(m.w, m.now, append([]string{"id_service", s.id, "quantity", itoa(n), "url", url}, s.extra...)...)
	if cost := s.price(n); cost > m.funds() {
		require.Equal(m.t, []string{"insufficient-funds"}, refused(m.t, err), "%s of %s", itoa(n), s.id)
		return
	}
	require.NoError(m.t, err)
	if len(m.orders) > 0 {
		last, _ := strconv.ParseInt(m.orders[len(m.orders)-1].id, 10, 64)
		next, _ := strconv.ParseInt(reply.ID, 10, 64)
		require.Greater(m.t, next, last, "ids are unique and ascend")
	}
	require.Equal(m.t, reply.Wanted, n)
	require.Equal(m.t, reply.Start, reply.Current)
	if before := m.latest(s.id, url); before != nil {
		_, current, _ := before.look(m.now)
		require.Equal(m.t, current, reply.Start, "it goes on from order %+v", before)
	} else {
		require.True(m.t, 0 <= reply.Start && reply.Start < 1_000_000)
	}
	m.orders = append(m.orders, &modelOrder{
		id: reply.ID, service: s.id, url: url, start: reply.Start, wanted: n, cost: s.price(n), refund: -1, added: m.now, delivery: s.delivery,
	})
}

// latest is the last order of a service for a URL; in the model, each service has a kind of its own.
func (m *model) latest(service, url string) *modelOrder {
	for _, o := range slices.Backward(m.orders) {
		if o.service == service && o.url == url && o.page == nil {
			return o
		}
	}
	return nil
}

// addWrong spoils an order in one or two ways; whatever is wrong, nothing moves.
func (m *model) addWrong() {
	s, n := m.order()
	var want []string
	args := map[string]string{"id_service": s.id, "quantity": itoa(n), "url": watchURL}
	for i := 0; i+1 < len(s.extra); i += 2 {
		args[s.extra[i]] = s.extra[i+1]
	}
	if m.r.IntN(2) == 0 {
		args["url"], want = "ftp://example.org/", append(want, "url-invalid")
	}
	switch m.r.IntN(4) {
	case 0:
		args["quantity"], want = "-"+itoa(n), append(want, "quantity-not-whole")
	case 1:
		args["quantity"], want = itoa(s.minimum-1), append(want, "quantity-below-minimum")
	case 2:
		args["quantity"], want = itoa(s.minimum+1), append(want, "quantity-not-increment")
	default:
		args["quantity"], want = itoa(s.most+s.step), append(want, "quantity-outside-prices")
	}
	if s.refusedBy != "" && m.r.IntN(2) == 0 {
		args[s.refusedBy], want = "99", append(want, s.refusedFor)
	}
	var pairs []string
	for name, value := range args {
		pairs = append(pairs, name, value)
	}
	_, err := place(m.w, m.now, pairs...)
	require.ElementsMatch(m.t, want, refused(m.t, err), "%v", args)
}

// any is one of the orders, mostly a late one: those move.
func (m *model) any() *modelOrder {
	n := len(m.orders)
	if m.r.IntN(3) > 0 {
		return m.orders[n-1-m.r.IntN(min(n, 50))]
	}
	return m.orders[m.r.IntN(n)]
}

func (m *model) stats() {
	if m.r.IntN(20) == 0 {
		_, err := m.w.stats(at(m.now), statsInput{itoa(m.w.NextID + m.r.Int64N(1000))})
		require.Equal(m.t, []string{"submission-unknown"}, refused(m.t, err))
		return
	}
	m.compare(m.any())
}

func (m *model) compare(o *modelOrder) {
	s := stats(m.t, m.w, m.now, o.id)
	status, current, sent := o.look(m.now)
	require.Equal(m.t, strconv.Itoa(status), s.Status.ID, "order %+v at %s", o, m.now)
	require.Equal(m.t, itoa(current), s.Current, "order %+v at %s", o, m.now)
	require.Equal(m.t, Money(o.cost).String(), s.Cost)
	if o.service == "54" || o.service == "55" {
		require.Equal(m.t, itoa(sent), *s.Sent)
	} else {
		require.Nil(m.t, s.Sent)
	}
	require.Equal(m.t, o.refund >= 0, s.RefundTotal != "")
	if o.refund >= 0 {
		require.Equal(m.t, Money(o.refund).String(), s.RefundTotal)
		require.Equal(m.t, "8", s.Status.ID)
	}
	if m.now.Equal(m.newest) { // no clock was set back
		require.GreaterOrEqual(m.t, current, o.shown, "counts never fall")
		o.shown = current
	}
}

// list takes one page and compares it with the model's.
func (m *model) list() {
	limit := 1 + m.r.IntN(maxPage/10)
	from := len(m.orders)
	in := listInput{Limit: strconv.Itoa(limit)}
	if m.r.IntN(2) == 0 {
		from = m.r.IntN(len(m.orders))
		in.After = m.orders[from].id
	}
	got, err := m.w.list(at(m.now), in)
	require.NoError(m.t, err)
	require.Len(m.t, got, min(limit, from))
	for i, item := range got {
		o := m.orders[from-1-i]
		status, current, _ := o.look(m.now)
		if item.ID != o.id || item.Status != strconv.Itoa(status) || item.Current != itoa(current) {
			require.Failf(m.t, "another item", "item %d: %+v, of order %+v", i, item, o)
		}
	}
}

func (m *model) setStatus() {
	o := m.any()
	status := []int{0, 1, 2, 3, 4, 7, 8, 19, 25, 26}[m.r.IntN(10)]
	_, _, sent := o.look(m.now)
	err := m.w.SetStatus(o.id, status, m.now)
	switch {
	case status < 1 || status > 25, o.refund >= 0:
		require.Error(m.t, err)
		return
	case (status == 2 || status == 3) && o.page == nil && sent == o.wanted:
		require.Error(m.t, err, "what is complete stays complete")
		return
	}
	require.NoError(m.t, err)
	m.leave(o)
	o.shown = 0
	switch {
	case status == 8:
		o.status, o.since, o.refund = 8, m.now, o.cost
	case status == 1 && o.page == nil:
		o.status, o.added, o.stood = 0, m.now.Add(-o.delivery), 0
	case status == 2 && o.page == nil:
		o.status = 0
	default:
		o.status, o.since = status, m.now
	}
}

// leave ends a stop: delivery goes on where it stood.
func (m *model) leave(o *modelOrder) {
	if o.page != nil || !o.stands() {
		return
	}
	if d := m.now.Sub(o.since); d > 0 {
		o.stood += d
	}
}

func (m *model) refundSome() {
	o := m.any()
	amount := m.r.Int64N(o.cost + 2)
	err := m.w.Refund(o.id, Money(amount).String(), m.now)
	if o.refund >= 0 || amount == 0 || amount > o.cost {
		require.Error(m.t, err)
		return
	}
	require.NoError(m.t, err)
	m.leave(o)
	o.shown = 0
	o.status, o.since, o.refund = 8, m.now, amount
}

func (m *model) addFunds() {
	amount := m.r.Int64N(60_000) - 20_000
	err := m.w.AddFunds(Money(amount).String())
	if m.funds()+amount < 0 {
		require.Error(m.t, err)
		return
	}
	require.NoError(m.t, err)
	m.given += amount
}

// clock moves the clock, back now and then.
func (m *model) clock() {
	d := time.Duration(m.r.ExpFloat64() * float64(2*time.Hour))
	if m.r.IntN(6) == 0 {
		d = -d
	}
	m.now = m.now.Add(d)
	if m.now.After(m.newest) {
		m.newest = m.now
	}
	m.settle()
}

// settle hears what was completed: each order once, in order of time, none too early.
func (m *model) settle() {
	before := time.Time{}
	for _, e := range m.w.Settle(m.now) {
		i := slices.IndexFunc(m.orders, func(o *modelOrder) bool { return o.id == e.ID })
		require.GreaterOrEqual(m.t, i, 0)
		o := m.orders[i]
		require.Equal(m.t, "order-completed", e.Kind)
		require.False(m.t, o.reported, "order %s is reported once", o.id)
		require.False(m.t, o.stands(), "order %s stands still", o.id)
		require.Equal(m.t, o.wanted, o.sent(m.now), "order %s is not complete", o.id)
		require.False(m.t, e.At.After(m.now) || e.At.Before(before), "in order of time")
		o.reported, before = true, e.At
	}
}

// everything pages through the list, in a world that went through JSON.
func (m *model) everything() {
	m.settle()
	m.w = restored(m.t, m.w)
	var ids []string
	in := listInput{Limit: strconv.Itoa(1 + m.r.IntN(maxPage))}
	for {
		page, err := m.w.list(at(m.now), in)
		require.NoError(m.t, err)
		if len(page) == 0 {
			break
		}
		for _, item := range page {
			ids = append(ids, item.ID)
		}
		in.After = page[len(page)-1].ID
	}
	slices.Reverse(ids)
	var want []string
	for _, o := range m.orders {
		want = append(want, o.id)
		_, _, sent := o.look(m.now)
		require.False(m.t, o.page == nil && !o.stands() && !o.reported && sent == o.wanted, "order %s is complete, and nobody was told", o.id)
	}
	require.Equal(m.t, strings.Join(want, " "), strings.Join(ids, " "), "pages partition the list")
	for _, o := range m.orders[max(0, len(m.orders)-100):] {
		m.compare(o)
	}
}
