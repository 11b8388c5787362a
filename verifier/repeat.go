package verifier

import (
	"context"
	"fmt"
	"time"
)

func (x *runner) advance(ctx context.Context, st *step) error {
	d, err := x.duration(st.advance)
	if err != nil {
		return err
	}
	return x.wait(ctx, d)
}

func (x *runner) wait(ctx context.Context, d time.Duration) error {
	if ok, reason := x.session.patient(d); !ok {
		return &stop{reason}
	}
	return x.session.wait(ctx, d)
}

func (x *runner) duration(v *value) (time.Duration, error) {
	text, _, err := v.argument(x.env)
	if err != nil {
		return 0, err
	}
	return parseDuration(text)
}

// repeat calls until expectation and checks hold.
func (x *runner) repeat(ctx context.Context, st *step) (StepResult, error) {
	within, err := x.duration(st.until.within)
	if err != nil {
		return x.result1(st), err
	}
	every, err := x.duration(st.until.every)
	if err != nil {
		return x.result1(st), err
	}
	if every <= 0 {
		return x.result1(st), fmt.Errorf("until: every is %s, which never ends", every)
	}
	if ok, reason := x.session.patient(within); !ok {
		return x.result1(st), &stop{reason}
	}
	var waited time.Duration
	for attempts := 1; ; attempts++ {
		res, err := x.attempt(ctx, st)
		res.Attempts = attempts
		if err != nil || !onlyNotYet(res.Problems) {
			return res, err
		}
		if waited+every > within {
			res.Problems = append(res.Problems, Problem{
				Verdict: Fail, Class: "check", What: fmt.Sprintf("it did not come about within %s, asked %d times", within, attempts), Line: st.line,
			})
			return res, nil
		}
		if err := x.wait(ctx, every); err != nil {
			res.Problems = nil // it was only not yet so
			return res, err
		}
		waited += every
	}
}

// onlyNotYet reports whether the problems are such that time may mend them.
func onlyNotYet(list []Problem) bool {
	for _, p := range list {
		if p.Verdict != Fail {
			return false
		}
	}
	return len(list) > 0
}
