double answer(void);
