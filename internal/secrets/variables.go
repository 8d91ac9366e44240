package secrets

import "context"

// Variables reads the text of a dotenv file that is none of the secrets files, and returns
// NAME=value. Of o only Environ and Run count.
func Variables(ctx context.Context, o Options, file, text string) ([]string, error) {
	all, err := parse(file, text, environment(ctx, o))
	if err != nil {
		return nil, err
	}
	environ := make([]string, len(all))
	for i, s := range all {
		environ[i] = s.Key + "=" + s.Value.Reveal()
	}
	return environ, nil
}
