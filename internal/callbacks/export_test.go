package callbacks

import "net/netip"

// Admits is admits, for the fuzz test.
func (a Allow) Admits(addr netip.Addr, port uint16, host string) bool {
	return a.admits(addr, port, host)
}

// Waiting is how many attempts that were asked for are not made yet.
func (d *Dispatcher) Waiting() (n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, b := range d.boxes {
		n += len(b.jobs)
	}
	return n
}

// Boxes is how many outboxes there are.
func (d *Dispatcher) Boxes() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.boxes)
}

// Queued is how many tenants have something to send and wait for a worker.
func (d *Dispatcher) Queued() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.queue)
}
