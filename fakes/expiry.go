package fakes

import "container/heap"

// expiry is the tenants that have an end, the next to expire first. Making a tenant looks
// at the first only: it costs the same however many there are.
type expiry []*Tenant

// Len, Less, Swap, Push and Pop are container/heap's; use add and remove.
func (e expiry) Len() int           { return len(e) }
func (e expiry) Less(i, j int) bool { return e[i].Expires.Before(e[j].Expires) }

// Swap keeps each tenant's place.
func (e expiry) Swap(i, j int) {
	e[i], e[j] = e[j], e[i]
	e[i].place, e[j].place = i, j
}

// Push appends.
func (e *expiry) Push(x any) {
	if t, ok := x.(*Tenant); ok {
		t.place = len(*e)
		*e = append(*e, t)
	}
}

// Pop takes the last.
func (e *expiry) Pop() any {
	last := len(*e) - 1
	t := (*e)[last]
	(*e)[last] = nil
	*e = (*e)[:last]
	return t
}

func (e *expiry) add(t *Tenant) {
	if !t.Expires.IsZero() {
		heap.Push(e, t)
	}
}

func (e *expiry) remove(t *Tenant) {
	if !t.Expires.IsZero() && t.place < len(*e) && (*e)[t.place] == t {
		heap.Remove(e, t.place)
	}
}
