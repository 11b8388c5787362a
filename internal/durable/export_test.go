package durable

// CompactFrom has the log compacted from another size on.
func (h *Host) CompactFrom(size int64) {
	h.least = size
	h.bound.Store(size)
}
