package verifier

func (r *run) coverage() []APICoverage { return nil }
