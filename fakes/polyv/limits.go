package polyv

import (
	"fmt"

	"github.com/mediasandbox/sandbox/fakes"
)

// limits bound what one user may have. A client makes videos (clip); everything else is
// added from outside, one call at a time, and has to meet an end all the same.
type limits struct{ videos, categories, danmu, tasks, logs int }

func defaultLimits() limits {
	return limits{videos: 10_000, categories: 10_000, danmu: 2_000_000, tasks: 100_000, logs: 2_000_000}
}

// room refuses one more where there are as many as may be.
func room(u *User, what string, have, limit int) error {
	if have >= limit {
		return fakes.Conflict("user %s has %d %s, which is the limit", u.ID, have, what)
	}
	return nil
}

// check refuses a state that has more than may be.
func (l limits) check(u *User) error {
	for _, row := range []struct {
		what        string
		have, limit int
	}{
		{"videos", len(u.Videos), l.videos}, {"categories", len(u.Categories), l.categories}, {"danmu", u.Danmu.Len(), l.danmu},
		{"grab tasks", u.Tasks.Len(), l.tasks}, {"exam logs", u.Logs.Len(), l.logs},
	} {
		if row.have > row.limit {
			return fmt.Errorf("%d %s, at most %d are kept", row.have, row.what, row.limit)
		}
	}
	return nil
}
