"""Writers and illustrators: what turns a prompt into a storyboard."""
