package secrets

import "context"

// Variables parses the text of a dotenv file other than the secrets files, and returns its variables as
// NAME=value. It uses only Environ, Run and Own of o. The error is a *FileError, or several joined.
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
